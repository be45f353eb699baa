import { fileURLToPath } from "node:url";
import { readArgs, UsageError, wholeNumber } from "../../scripts/command-line.mjs";
import { measureNames } from "./measures.mjs";
import { packageNames } from "./packages.mjs";

export const usage = `npm run bench:peers -- [options]

  --only NAME,…         some measures: ${measureNames.join(", ")}
  --packages NAME,…     some packages: ${wrapped(packageNames, 24)}
  --leaderships N,…     for "many", above 10,000 only of incumbent, control and bare
  --ttl MS,…            for "many". Default of both: 1000,10000 at 2000, and 1000,10000,100000 at 10000
  --window SECONDS      for "many": how long it renews, at least one ttl. Default: 6
  --rounds N            for "crash": of incumbent and control. Default: 120
  --quick               few rounds and short windows, for a look
  --json                one JSON object a line for each row
  --from FILE           measures nothing, and takes what --json has printed
  --out FOLDER          writes the page and its plots there. Without it, a complete run writes docs/reference

Measures Incumbent beside other packages, each candidate in a process of its own. Installs them, at fixed
versions, below node_modules/.cache. Wants a quiet machine, redis-server, and for etcd3 also etcd.
Takes twenty minutes. Exits with 1 when Incumbent does not hold what it is to hold.

"--only many --window 600" shows whether a lease is lost in ten minutes.
What "many" costs, while you work on it (build first):
  node bench/peers/main.mjs --only many --packages incumbent,control,bare --leaderships 1000,10000 --quick`;

const reference = fileURLToPath(new URL("../../docs/reference", import.meta.url));

const options = {
  only: { type: "string" },
  packages: { type: "string" },
  leaderships: { type: "string" },
  ttl: { type: "string" },
  window: { type: "string" },
  rounds: { type: "string" },
  quick: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  from: { type: "string" },
  out: { type: "string" },
};

/** What the command line asks for. Throws `UsageError`. */
export function readOptions(args) {
  const { values } = readArgs(args, options);
  const window = wholeNumber("--window", values.window, { min: 1, fallback: undefined });
  const rounds = wholeNumber("--rounds", values.rounds, { min: 1, fallback: undefined });
  return {
    measures: namesIn("--only", values.only, measureNames),
    packages: namesIn("--packages", values.packages, packageNames),
    scale: scaleOf({
      ...{ quick: values.quick, window, rounds },
      leaderships: numbersIn("--leaderships", values.leaderships),
      ttls: numbersIn("--ttl", values.ttl, 500),
    }),
    quick: values.quick,
    json: values.json,
    from: values.from,
    out: values.out ?? (isComplete(values) ? reference : undefined),
  };
}

/** Some measures or packages, or a few rounds, make no page. */
function isComplete({ only, packages, quick, from }) {
  return only === undefined && packages === undefined && from === undefined && !quick;
}

/** How much is measured. */
function scaleOf({ quick, window, rounds, leaderships, ttls }) {
  const seconds = window ?? (quick ? 4 : 6);
  return {
    many: {
      cases: casesOf(leaderships, ttls) ?? (quick ? shortCases : allCases),
      window: seconds * 1000,
      probing: quick ? 2000 : 5000,
    },
    followers: quick ? { count: 2000, window: 4000 } : { count: 10_000, window: 10_000 },
    handOver: quick ? { rounds: 20, patience: 5000 } : { rounds: 100, patience: 15_000 },
    crash: { elections: 4, rounds: quick ? 4 : 24, closeRounds: rounds ?? (quick ? 8 : 120) },
    crowd: {
      ...{ candidates: [1, 1000], rounds: quick ? 5 : 20 },
      patience: quick ? 3000 : 12_000,
    },
    idle: { window: quick ? 3000 : 10_000 },
    pause: { rounds: quick ? 1 : 5 },
    outages: { rounds: quick ? 1 : 3 },
  };
}

const shortCases = casesOf([1000, 10_000], [2000]);
const allCases = [...shortCases, ...casesOf([1000, 10_000, 100_000], [10_000])];

function casesOf(leaderships, ttls) {
  if (leaderships === undefined && ttls === undefined) return undefined;
  const counts = leaderships ?? [1000, 10_000];
  return (ttls ?? [2000]).flatMap((ttl) => counts.map((count) => ({ ttl, count })));
}

function namesIn(option, text, known) {
  if (text === undefined) return known;
  const names = text.split(",");
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return known.filter((name) => names.includes(name));
  throw new UsageError(`${option} knows ${known.join(", ")}, not "${unknown}".`);
}

function numbersIn(option, text, min = 1) {
  return text
    ?.split(",")
    .map((number) => wholeNumber(option, number, { min, fallback: undefined }));
}

function wrapped(names, indent) {
  const lines = [];
  for (let from = 0; from < names.length; from += 4) {
    lines.push(names.slice(from, from + 4).join(", "));
  }
  return lines.join(`,\n${" ".repeat(indent)}`);
}
