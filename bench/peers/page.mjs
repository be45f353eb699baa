import { wrapped } from "../wrapped.mjs";
import { lossesIn, sectionsOf } from "./losses.mjs";
import { plotOf } from "./plot.mjs";
import { cellOf, tableOf } from "./table.mjs";
import { targetsIn } from "./targets.mjs";

/** The page and its plots: what is to be written, by name. Pure, so that a run can be written again. */
export function pageOf(measures, run, rows) {
  const measured = measures.filter(({ name }) => rows.some(({ measure }) => measure === name));
  const plots = measured.flatMap((measure) => plotsOf(measure, rows));
  const text = [
    introduction(run),
    targetSection(rows),
    lossSection(measured, rows),
    ...measured.map((measure) => measureSection(measure, rows)),
  ].join("\n\n");
  return { "performance.md": `${text}\n`, ...Object.fromEntries(plots.map(fileOf)) };
}

function introduction({ packages, ...run }) {
  const columns = [
    { key: "name", title: "package" },
    { key: "version", title: "version" },
    { key: "use", title: "how it is used" },
  ];
  const etcd = run.etcd === undefined ? "" : `, etcd ${run.etcd}`;
  const text = `Incumbent beside other packages, measured in one run of \`npm run bench:peers\` on ${run.date}:
    Node.js ${run.node}, ioredis ${run.ioredis}, Redis ${run.redis} without persistence${etcd}, all on one machine
    (${run.processors}, load average ${run.load.toFixed(1)} at the beginning). Each candidate is a process of its own.
    Compare the figures with one another: alone, each says as much of the machine as of the package.
    ${run.quick ? "It was a quick run, with few rounds and short windows." : ""}`;
  return `# Performance\n\n${wrapped(text)}\n\n${tableOf(columns, packages)}`;
}

function targetSection(rows) {
  const lines = targetsIn(rows).map(({ what, figure, limit, unit, holds }) => ({
    ...{ what, verdict: holds ? "yes" : "**no**" },
    ...{ figure: withUnit(figure, unit), limit: withUnit(limit, unit) },
  }));
  const columns = [
    { key: "what", title: "what" },
    { key: "figure", title: "figure" },
    { key: "limit", title: "at most" },
    { key: "verdict", title: "holds" },
  ];
  return `## What Incumbent is to hold\n\n${tableOf(columns, lines)}`;
}

function lossSection(measures, rows) {
  const lines = lossesIn(measures, rows).map(({ title, column, own, better }) => {
    const others = better.map((row) => `${row.package} ${cellOf(column, row)}`);
    return `* ${title}, ${column.title}: ${cellOf(column, own)}; ${others.join(", ")}.`;
  });
  const text = lines.length > 0 ? lines.join("\n") : "In none of the tables below.";
  return `## Where others are better\n\n${text}`;
}

function measureSection(measure, rows) {
  const divided = (measure.divides ?? []).map(({ key }) => key);
  const columns = measure.columns.filter(({ key }) => !divided.includes(key));
  const tables = sectionsOf(measure, rows).map((section) => {
    const heading = section.title === "" ? "" : `### ${section.title}\n\n`;
    return heading + tableOf(columns, section.rows);
  });
  const images = plotsOf(measure, rows).map(
    ({ file, title }) => `![${title}](performance/${file}.svg)`,
  );
  return [`## ${measure.title}`, wrapped(measure.method), ...images, ...tables].join("\n\n");
}

/** The plots of a measure that there are figures for. */
function plotsOf(measure, rows) {
  return (measure.plots ?? [])
    .map(({ of = () => true, key, ...plot }) => ({
      ...plot,
      bars: rows
        .filter((row) => row.measure === measure.name && typeof row[key] === "number" && of(row))
        .map((row) => ({ label: row.package, value: row[key] })),
    }))
    .filter(({ bars }) => bars.length > 0);
}

function fileOf(plot) {
  return [`performance/${plot.file}.svg`, plotOf(plot)];
}

function withUnit(value, unit) {
  const digits = Number.isInteger(value) ? 0 : 2;
  return `${value.toLocaleString("en", { maximumFractionDigits: digits })} ${unit}`;
}
