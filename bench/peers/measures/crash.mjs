import { setTimeout as sleep } from "node:timers/promises";
import { median, quantile } from "../../median.mjs";
import { now } from "../clock.mjs";
import { Election } from "../election.mjs";
import { electing, inLanes } from "../lanes.mjs";

export const name = "crash";
export const title = "After a crash";
export const method = `As before, but the leader is killed with SIGKILL. The figure is the time from the end of its lease, which
the server is asked for after its death, until another process runs its first line as leader. etcd counts
leases in whole seconds, so for etcd3 only the time from the death is known. Three packages at a time.`;

export const columns = [
  { key: "package", title: "package" },
  { key: "rounds", title: "rounds", digits: 0 },
  { key: "median", title: "median ms beyond the lease", digits: 1 },
  { key: "p99", title: "p99 ms", digits: 1 },
  { key: "fromDeath", title: "median ms from the death", digits: 0 },
];

export function run({ packages, scale, progress }) {
  return inLanes(electing(packages), 3, progress, (subject) => measure(subject, scale.crash));
}

async function measure(subject, { rounds }) {
  const election = await Election.start(subject);
  const beyond = [];
  const fromDeath = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      // At another point of the renewal interval each time.
      await sleep(Math.random() * 667);
      const gained = election.nextGained();
      await election.kill(election.leader);
      const died = now();
      const end = await election.leaseEnd();
      // The new one has started long before the lease ends.
      await election.add();
      const { at } = await gained;
      fromDeath.push(at - died);
      if (end !== undefined) beyond.push(at - end);
    }
  } finally {
    await election.close();
  }
  const figures = { median: median(beyond), p99: quantile(beyond, 0.99) };
  return { package: subject.name, rounds, ...figures, fromDeath: median(fromDeath) };
}
