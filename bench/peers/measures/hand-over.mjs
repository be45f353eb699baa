import { setTimeout as sleep } from "node:timers/promises";
import { median, quantile } from "../../median.mjs";
import { Election, KEY } from "../election.mjs";
import { electing, inLanes } from "../lanes.mjs";

export const name = "hand-over";
export const title = "Graceful hand-over";
export const method = `Three processes campaign for one key, ttl 2 s, renewal every 667 ms. The leader stops; the
figure is the time from its call until the first line that another process runs as leader. It campaigns
again, and the next leader stops after a time that differs from round to round.`;

export const columns = [
  { key: "package", title: "package" },
  { key: "rounds", title: "rounds", digits: 0 },
  { key: "median", title: "median ms", digits: 1, better: "less" },
  { key: "p99", title: "p99 ms", digits: 1, better: "less" },
];

export const plots = [
  {
    ...{ file: "hand-over", key: "median", unit: "ms, median", digits: 1 },
    title: "From a stop to the next leader",
  },
];

export function run({ packages, scale, progress }) {
  return inLanes(electing(packages), 1, progress, (subject) => measure(subject, scale.handOver));
}

async function measure(subject, { rounds, patience }) {
  const election = await Election.start(subject);
  const took = [];
  try {
    const end = performance.now() + patience;
    while (took.length < rounds && performance.now() < end) {
      // The point of their polling at which it happens is another one each time.
      await sleep(100 + Math.random() * 100);
      const { leader } = election;
      const gained = election.nextGained();
      const begun = await leader.ask("stop", { member: KEY });
      took.push((await gained).at - begun);
      await leader.ask("campaign", { key: KEY });
    }
  } finally {
    await election.close();
  }
  const figures = { median: median(took), p99: quantile(took, 0.99) };
  return { package: subject.name, rounds: took.length, ...figures };
}
