import { setTimeout as sleep } from "node:timers/promises";
import { median, quantile } from "../../median.mjs";
import { startCandidates } from "../candidates.mjs";
import { startServer } from "../servers.mjs";

export const name = "hand-over";
export const title = "Graceful hand-over";
export const method = `Three processes campaign for one key, ttl 2 s, renewal every 667 ms. The leader stops; the figure is the time
from its call until the first line that another process runs as leader. It campaigns again, and after a
time that differs from round to round the next leader stops.`;

export const columns = [
  { key: "package", title: "package" },
  { key: "rounds", title: "rounds", digits: 0 },
  { key: "median", title: "median ms", digits: 1 },
  { key: "p99", title: "p99 ms", digits: 1 },
];

const KEY = "hand-over";

export async function* run({ packages, scale, progress }) {
  const subjects = packages.filter(({ elects = true }) => elects);
  progress.expect(subjects.length);
  for (const subject of subjects) {
    progress.begin(subject.name);
    yield await measure(subject, scale.handOver);
  }
}

async function measure({ name, needs }, { rounds, patience }) {
  const server = await startServer(needs);
  const took = [];
  let leader;
  let onGained = () => {};
  const onEvent = (message, candidate) => {
    if (message.event !== "gained") return;
    leader = candidate;
    onGained(message);
  };
  const settings = { port: server.port, ttl: 2000, renewal: 667 };
  const candidates = await startCandidates(3, name, settings, { onEvent });
  const nextGained = () =>
    new Promise((resolve) => {
      onGained = resolve;
    });
  try {
    const first = nextGained();
    await Promise.all(candidates.map((candidate) => candidate.ask("campaign", { key: KEY })));
    await first;
    const end = performance.now() + patience;
    while (took.length < rounds && performance.now() < end) {
      // Longer than any of them holds off after a loss, and at another point of its polling each time.
      await sleep(100 + Math.random() * 100);
      const left = leader;
      const gained = nextGained();
      const begun = await left.ask("stop", { key: KEY });
      took.push((await gained).at - begun);
      await left.ask("campaign", { key: KEY });
    }
  } finally {
    await Promise.all(candidates.map((candidate) => candidate.kill()));
    await server.stop();
  }
  return {
    package: name,
    rounds: took.length,
    median: median(took),
    p99: quantile(took, 0.99),
  };
}
