import { cpus, loadavg } from "node:os";
import { tableOf } from "../peers/table.mjs";
import { wrapped } from "../wrapped.mjs";

export const title = "In SQL databases";

const HAND_OVER = 1.5;

/** What is to be held, and whether it is: a hand-over beside the same two statements by hand. */
export function targetsIn(runs) {
  return runs.map(({ name, rows }) => {
    const figures = rows.find(({ measure }) => measure === "hand-over")?.figures ?? [];
    const ratio = medianOf(figures, "Incumbent") / medianOf(figures, "by hand");
    return { name, ratio, holds: ratio <= HAND_OVER };
  });
}

/** The section of the page. Its figures are those of this run. */
export function sectionOf(runs) {
  const versions = runs.map(({ name, version }) => `${name} ${version}`).join(" and ");
  const introduction = `Measured in one run of \`npm run bench:sql\` on ${new Date().toISOString().slice(0, 10)}: ${versions}
    with a commit that waits for the disk, Node.js ${process.version.slice(1)}, on one machine (${cpus().length} x
    ${cpus()[0].model.trim()}, load average ${loadavg()[0].toFixed(1)} at the end), round by round in turn. In ms; "x" is the
    median to that by hand. A renewal of many is of all of them in one tick of one process. A busy machine lengthens the
    wait for the disk most, which all but River's statements and the advisory lock have in common.`;
  return [
    `## ${title}`,
    wrapped(introduction),
    targetsIn(runs).map(verdictOf).join("\n"),
    ...runs.flatMap(runSection),
  ].join("\n\n");
}

function verdictOf({ name, ratio, holds }) {
  const verdict = holds ? "holds" : "**does not hold**";
  return wrapped(
    `* Hand-over on ${name}: ${ratio.toFixed(2)} x the same two statements by hand, at most ${HAND_OVER}: ${verdict}.`,
  ).replaceAll("\n", "\n  ");
}

function runSection({ name, uses, rows }) {
  const useColumns = [
    { key: "name", title: "way" },
    { key: "use", title: "how it is used" },
  ];
  const columns = [
    { key: "measure", title: "what" },
    { key: "way", title: "way" },
    { key: "median", title: "median", digits: 2 },
    { key: "p99", title: "p99", digits: 2 },
    { key: "ratio", title: "x", digits: 2 },
  ];
  const lines = rows.flatMap(({ measure, figures }) =>
    figures.map((figure) => ({
      ...{ measure, ...figure },
      ratio: figure.median / medianOf(figures, "by hand"),
    })),
  );
  return [`### ${name}`, tableOf(useColumns, uses), tableOf(columns, lines)];
}

function medianOf(figures, name) {
  return figures.find(({ way }) => way === name)?.median ?? Number.NaN;
}
