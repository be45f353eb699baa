import { setTimeout as sleep } from "node:timers/promises";
import { Candidate } from "../candidates.mjs";
import { inLanes } from "../lanes.mjs";
import { requestsBetween } from "../server-load.mjs";
import { startServer } from "../servers.mjs";

export const name = "followers";
export const title = "Thousands of elections that another process leads";
export const method = `One process leads in 10,000 elections, ttl 10 s. Another one campaigns for the same keys. The figures are
what the second one adds: its connections, its requests, its CPU.`;

export const columns = [
  { key: "package", title: "package" },
  { key: "connections", title: "connections", digits: 0, better: "less" },
  { key: "requests", title: "requests a second", digits: 0, better: "less" },
  { key: "clientCpu", title: "client CPU s per 10 s", digits: 3, better: "less" },
  { key: "rss", title: "MB", digits: 0, better: "less" },
];

const TTL = 10_000;

export function run({ packages, scale, progress }) {
  const subjects = packages.filter(({ follows }) => follows);
  return inLanes(subjects, 1, progress, (subject) => measure(subject, scale.followers));
}

async function measure({ name, requests }, { count, window }) {
  const server = await startServer();
  const candidates = [];
  const add = async () => {
    const settings = { port: server.port, ttl: TTL, renewal: Math.round(TTL / 3) };
    candidates.push(await Candidate.start(name, settings));
    return candidates.at(-1);
  };
  const measureWindow = async () => {
    const before = await server.load();
    await sleep(window);
    return (requestsBetween(before, await server.load(), requests) / window) * 1000;
  };
  try {
    const leader = await add();
    // A server that has just started is not trusted by everyone at once.
    const held = leader.next("all-held", 2 * TTL + count / 5);
    await leader.ask("campaignForMany", { count });
    if ((await held) === undefined) throw new Error("the leader does not hold all keys");
    const alone = { requests: await measureWindow(), connections: await connectionsOf(server) };

    const follower = await add();
    await follower.ask("campaignForMany", { count });
    // What campaigning has left to do is not part of following.
    await sleep(window);
    const begun = await follower.ask("usage");
    const both = { requests: await measureWindow(), connections: await connectionsOf(server) };
    const ended = await follower.ask("usage");
    return {
      ...{ package: name, connections: both.connections - alone.connections },
      requests: both.requests - alone.requests,
      clientCpu: ((ended.cpu - begun.cpu) / (ended.at - begun.at)) * 10,
      rss: ended.rss / 2 ** 20,
    };
  } finally {
    await Promise.all(candidates.map((candidate) => candidate.kill()));
    await server.stop();
  }
}

async function connectionsOf({ admin }) {
  return Number(/connected_clients:(\d+)/.exec(await admin.info("clients"))?.[1]);
}
