import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Seeds, rate and time left, on stderr once a second; on a terminal in one line. */
export function showProgress(state) {
  const { isTTY } = process.stderr;
  const show = () => {
    const { done, seeds, begun, violations } = state();
    const rate = done / ((performance.now() - begun) / 1000);
    const left = rate > 0 ? `${Math.ceil((seeds - done) / rate)} s left` : "";
    const line = `${done} of ${seeds} seeds, ${rate.toFixed(0)} a second, ${left}, violations: ${violations}`;
    process.stderr.write(isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  };
  const timer = setInterval(show, isTTY ? 1000 : 10_000);
  return {
    /** A line that stays, such as a violation: the run may go on for an hour. */
    note(line) {
      process.stderr.write(isTTY ? `\r\x1b[K${line}\n` : `${line}\n`);
    },
    end() {
      clearInterval(timer);
      show();
      if (isTTY) process.stderr.write("\n");
    },
  };
}

/** What is worth publishing of a run. */
export function summaryOf({ from, servers, store, workers }, { done, counts, violations, took }) {
  return {
    commit: commit(),
    seeds: { from, number: done },
    servers,
    ...(store && { store }),
    seconds: Number((took / 1000).toFixed(1)),
    rate: Math.round(done / (took / 1000)),
    workers,
    counts,
    violations: violations.length,
    violatedBy: violations.map(({ seed, violation }) => ({ seed, ...violation })),
  };
}

/** The summary for people. Its last line is what counts. */
export function textOf({
  commit,
  seeds,
  servers,
  store,
  seconds,
  rate,
  workers,
  counts,
  violations,
  violatedBy,
}) {
  const lines = [
    `commit ${commit}, ${store ?? placeOf(servers)}`,
    `seeds ${seeds.from} to ${seeds.from + seeds.number - 1}: ${seeds.number} in ${seconds} s, ${rate} a second on ${workers} workers`,
    ...Object.entries(counts).map(([kind, count]) => `${String(count).padStart(12)}  ${kind}`),
    ...violatedBy.map(({ seed, invariant, text }) => `seed ${seed} breaks ${invariant}: ${text}`),
  ];
  return [...lines, `violations: ${violations}`].join("\n");
}

function placeOf(servers) {
  if (servers === 0) return "a register without a clock";
  return servers === 1 ? "one server" : `${servers} servers`;
}

/** A run with its transcript, and how to see it again. */
export function showOutcome({ scenario, violation, transcript }, { json }) {
  const write = json ? (text) => process.stderr.write(`${text}\n`) : console.log;
  write(transcript.join("\n"));
  if (violation === undefined) return;
  write(`\nseed ${scenario.seed} breaks ${violation.invariant}: ${violation.text}`);
  const { database, sentinel, servers: all } = scenario;
  const store = database ?? (sentinel ? "sentinel" : all.length === 0 ? "observed" : undefined);
  const servers = store ? ` --store ${store}` : all.length === 1 ? "" : ` --servers ${all.length}`;
  write(`the whole run:  npm run sim -- --from ${scenario.seed} --seeds 1${servers}`);
  write("the short one:  save the next line as FILE, then npm run sim -- --trace FILE");
  write(JSON.stringify(scenario));
}

function commit() {
  try {
    const options = { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    const id = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], options).trim();
    const changed = execFileSync("git", ["status", "--porcelain", "--", "src"], options) !== "";
    return changed ? `${id} and changes` : id;
  } catch {
    return "unknown";
  }
}
