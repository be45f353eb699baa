import { setTimeout as sleep } from "node:timers/promises";
import { median, quantile } from "../../median.mjs";
import { now } from "../clock.mjs";
import { Election } from "../election.mjs";
import { electing, inLanes } from "../lanes.mjs";

export const name = "crash";
export const title = "After a crash";
export const method = `As before, but the leader is killed with SIGKILL. The figure is the time from the end of its lease, which
the server is asked for after its death, until another process runs its first line as leader. etcd counts
leases in whole seconds, so for etcd3 only the time from the death is known. Four elections of a package at a time.`;

export const columns = [
  { key: "package", title: "package" },
  { key: "rounds", title: "rounds", digits: 0 },
  { key: "median", title: "median ms beyond the lease", digits: 1, better: "less" },
  { key: "p99", title: "p99 ms", digits: 1, better: "less" },
  { key: "fromDeath", title: "median ms from the death", digits: 0 },
];

export const plots = [
  {
    ...{ file: "crash", key: "median", unit: "ms, median", digits: 1 },
    title: "From the end of a dead leader's lease to the next leader",
  },
];

export function run({ packages, scale, progress }) {
  return inLanes(electing(packages), 1, progress, (subject) => measure(subject, scale.crash));
}

/** Most of it is waiting, so some elections go on beside one another. Ours are measured more closely. */
async function measure({ closely = false, ...subject }, { elections, rounds, closeRounds }) {
  const each = Math.ceil((closely ? closeRounds : rounds) / elections);
  const crashes = await Promise.all(
    Array.from({ length: elections }, () => crashesOf(subject, each)),
  );
  const all = crashes.flat();
  const beyond = all.map((crash) => crash.beyond).filter((value) => value !== undefined);
  return {
    ...{ package: subject.name, rounds: all.length },
    ...{ median: median(beyond), p99: quantile(beyond, 0.99) },
    fromDeath: median(all.map((crash) => crash.fromDeath)),
  };
}

async function crashesOf(subject, rounds) {
  const election = await Election.start(subject);
  const crashes = [];
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
      crashes.push({ fromDeath: at - died, beyond: end === undefined ? undefined : at - end });
    }
  } finally {
    await election.close();
  }
  return crashes;
}
