import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../../median.mjs";
import { Election } from "../election.mjs";
import { electing, inLanes } from "../lanes.mjs";

export const name = "pause";
export const title = "First look after a pause";
export const method = `The leader's process is stopped with SIGSTOP for one and a half ttl and then continued; or its event loop
is blocked for as long. Meanwhile another process is elected. Does the first line that runs afterwards still see
a leader, and for how long do two processes believe from then on? All packages at a time.`;

export const columns = [
  { key: "package", title: "package" },
  { key: "rounds", title: "rounds of each", digits: 0 },
  { key: "stoppedLeads", title: "leader after SIGSTOP, times", digits: 0, better: "less" },
  { key: "stoppedOverlap", title: "two leaders, median ms", digits: 1, better: "less" },
  { key: "blockedLeads", title: "leader after the block, times", digits: 0, better: "less" },
  { key: "blockedOverlap", title: "two leaders, median ms", digits: 1, better: "less" },
];

const TTL = 2000;

export function run({ packages, scale, progress }) {
  const subjects = electing(packages);
  return inLanes(subjects, subjects.length, progress, (subject) => measure(subject, scale.pause));
}

async function measure(subject, { rounds }) {
  const election = await Election.start(subject, { ttl: TTL, sampled: true });
  const looks = { stopped: [], blocked: [] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      looks.stopped.push(await lookAfter(election, stop));
      looks.blocked.push(await lookAfter(election, block));
    }
  } finally {
    await election.close();
  }
  return {
    ...{ package: subject.name, rounds },
    ...{ stoppedLeads: timesLed(looks.stopped), stoppedOverlap: overlapOf(looks.stopped) },
    ...{ blockedLeads: timesLed(looks.blocked), blockedOverlap: overlapOf(looks.blocked) },
  };
}

async function lookAfter(election, pause) {
  await sleep(300 + Math.random() * 300);
  const { at, leads } = await pause(election.leader);
  await sleep(1000);
  return { leads, overlap: election.beliefs.overlap(at, at + 1000) };
}

async function stop(leader) {
  const resumed = leader.next("resumed");
  leader.signal("SIGSTOP");
  await sleep(TTL * 1.5);
  leader.signal("SIGCONT");
  return resumed;
}

function block(leader) {
  return leader.ask("block", { ms: TTL * 1.5 });
}

function timesLed(looks) {
  return looks.filter(({ leads }) => leads).length;
}

function overlapOf(looks) {
  return median(looks.map(({ overlap }) => overlap));
}
