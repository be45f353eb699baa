import { setTimeout as sleep } from "node:timers/promises";
import { Election } from "../election.mjs";
import { electing, inLanes } from "../lanes.mjs";
import { requestsBetween } from "../server-load.mjs";

export const name = "idle";
export const title = "Requests while nothing happens";
export const method = `Three processes campaign for one key, ttl 2 s, each with its default polling. Requests that reached the
server a second; what a script does inside it is not counted. etcd does not say. All packages at a time.`;

export const columns = [
  { key: "package", title: "package" },
  { key: "requests", title: "requests a second", digits: 1, better: "less" },
];

export const plots = [
  {
    ...{ file: "idle", key: "requests", unit: "requests a second", digits: 1 },
    title: "Three candidates of one key while nothing happens",
  },
];

export function run({ packages, scale, progress }) {
  const subjects = electing(packages);
  return inLanes(subjects, subjects.length, progress, (subject) => measure(subject, scale.idle));
}

async function measure({ requests, ...subject }, { window }) {
  const election = await Election.start(subject);
  try {
    await sleep(1000);
    const before = await election.server.load();
    await sleep(window);
    const after = await election.server.load();
    const count = requests && requestsBetween(before, after, requests);
    return { package: subject.name, requests: requests && (count / window) * 1000 };
  } finally {
    await election.close();
  }
}
