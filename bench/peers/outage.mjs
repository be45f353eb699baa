import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../median.mjs";
import { now } from "./clock.mjs";
import { Election } from "./election.mjs";
import { electing, inLanes } from "./lanes.mjs";

export const TTL = 2000;

export const columns = [
  { key: "package", title: "package" },
  { key: "rounds", title: "rounds", digits: 0 },
  { key: "withTwo", title: "with two leaders", digits: 0, better: "less" },
  { key: "overlap", title: "two leaders, median ms", digits: 0, better: "less" },
  { key: "longest", title: "longest ms", digits: 0, better: "less" },
  { key: "settled", title: "one leader in the end", digits: 0, better: "more" },
  { key: "exits", title: "processes that ended", digits: 0, better: "less" },
];

export const beyond = { key: "beyond", title: "believed beyond its lease, median ms", digits: 0 };

// Reports come from processes, and a sample is taken every 3 ms.
const NOTICEABLE = 5;

/**
 * Measures what the candidates believe while something is wrong. `harm` does it, and resolves when all is well
 * again with the end that the leader's lease had; `after` is how long they are then observed.
 */
export function measureOutages({ packages, scale, progress }, harm, { proxied = false, after }) {
  const subjects = electing(packages);
  return inLanes(subjects, subjects.length, progress, async (subject) => {
    const rounds = [];
    for (let round = 0; round < scale.outages.rounds; round += 1) {
      rounds.push(await observe(subject, harm, { proxied, after }));
    }
    return rowOf(subject.name, rounds);
  });
}

async function observe(subject, harm, { proxied, after }) {
  const election = await Election.start(subject, { ttl: TTL, sampled: true, proxied });
  try {
    await sleep(500 + Math.random() * 667);
    const { leader, beliefs } = election;
    const begun = now();
    const end = await harm(election);
    await sleep(after);
    const ended = now();
    // Who believes to the last is counted up to there.
    const stopped = beliefs.end(leader, begun) ?? ended;
    return {
      overlap: beliefs.overlap(begun, ended),
      beyond: end === undefined ? undefined : stopped - end,
      settled: beliefs.at(ended).length === 1,
      exits: election.exits,
    };
  } finally {
    await election.close();
  }
}

function rowOf(name, rounds) {
  const overlaps = rounds.map(({ overlap }) => overlap);
  const beyond = rounds.map((round) => round.beyond).filter((value) => value !== undefined);
  return {
    ...{ package: name, rounds: rounds.length },
    withTwo: overlaps.filter((overlap) => overlap > NOTICEABLE).length,
    overlap: median(overlaps),
    longest: Math.max(...overlaps),
    beyond: median(beyond),
    settled: rounds.filter(({ settled }) => settled).length,
    exits: rounds.reduce((sum, { exits }) => sum + exits, 0),
  };
}
