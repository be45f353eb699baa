import { setTimeout as sleep } from "node:timers/promises";
import { Candidate } from "../candidates.mjs";
import { orDashes } from "../lanes.mjs";
import { probe } from "../probe-other-clients.mjs";
import { requestsBetween } from "../server-load.mjs";
import { startServer } from "../servers.mjs";

export const name = "many";
export const title = "Thousands of leaderships in one process";
export const method = `One process campaigns for all keys at once, with one client, on a server of its own. It has been elected once
before, so it is connected. When it holds all keys, or after 20 s, it renews for one window. CPU is that of the process;
the server's is what it reports, less what it uses when idle, in the same run. A second process then sends a PING
every other millisecond. \`bare\` is no election, but the lower limit: one script for 200 keys at a time that
reads and writes what a renewal does. \`none\` is a server without elections. Some packages renew less often
than the others (see above): they use less, and a failed renewal leaves them less time.`;

export const columns = [
  { key: "leaderships", title: "leaderships", digits: 0 },
  { key: "ttl", title: "ttl ms", digits: 0 },
  { key: "package", title: "package" },
  { key: "held", title: "held", digits: 0, better: "more" },
  { key: "lost", title: "lost", digits: 0, better: "less" },
  { key: "allHeldMs", title: "all held after ms", digits: 0, better: "less" },
  { key: "clientCpu", title: "client CPU s per 10 s", digits: 3, better: "less" },
  { key: "serverCpu", title: "server CPU µs a renewal", digits: 1, better: "less" },
  { key: "requests", title: "requests a second", digits: 1, better: "less" },
  { key: "rss", title: "MB", digits: 0, better: "less" },
  { key: "otherP99", title: "other clients' p99 ms", digits: 2, better: "less" },
];

export const divides = [
  { key: "leaderships", text: (count) => `${count.toLocaleString("en")} leaderships` },
  { key: "ttl", text: (ttl) => `ttl ${ttl / 1000} s` },
];

const isUsual = ({ leaderships, ttl }) => leaderships === 10_000 && ttl === 2000;

export const plots = [
  {
    ...{ file: "client-cpu", key: "clientCpu", unit: "s per 10 s", digits: 2, of: isUsual },
    title: "Client CPU of 10,000 leaderships, ttl 2 s",
  },
  {
    ...{ file: "server-cpu", key: "serverCpu", unit: "µs a renewal", digits: 1, of: isUsual },
    title: "Server CPU of 10,000 leaderships, ttl 2 s",
  },
];

const PATIENCE = 20_000;

export async function* run({ packages, scale, progress }) {
  const { cases, window, probing } = scale.many;
  const planned = cases.flatMap(({ ttl, count }) =>
    packages
      .filter(({ most = 10_000 }) => count <= most)
      .map((subject) => ({ subject, ttl, count, probing, window: Math.max(window, ttl) })),
  );
  progress.expect(1 + planned.length);
  progress.begin("no elections");
  const idle = await measureIdle("redis", { window, probing });
  yield { package: "none", otherP99: idle.otherP99 };
  for (const { subject, ...plan } of planned) {
    progress.begin(`${plan.count} of ${subject.name}, ttl ${plan.ttl} ms`);
    const own = subject.needs === undefined ? idle : await measureIdle(subject.needs, { window });
    const row = await orDashes(subject, () => measure(subject, { ...plan, idleCpu: own.cpu }));
    yield { leaderships: plan.count, ttl: plan.ttl, ...row };
  }
}

/** What a server uses without elections, in ms of CPU a ms. */
async function measureIdle(needs, { window, probing }) {
  const server = await startServer(needs);
  const before = await server.load();
  await sleep(window);
  const after = await server.load();
  const otherP99 = probing && (await probe(server.port, probing)).p99;
  await server.stop();
  return { cpu: (after.cpu - before.cpu) / window, otherP99 };
}

async function measure(subject, { count, ttl, window, probing, idleCpu }) {
  const { name, needs, requests, renewsEvery } = subject;
  const server = await startServer(needs);
  const settings = { port: server.port, ttl, renewal: Math.round(ttl / 3) };
  const candidate = await Candidate.start(name, settings);
  try {
    await warmUp(candidate);
    const held = candidate.next("all-held", PATIENCE + count / 5);
    await candidate.ask("campaignForMany", { count });
    const allHeldMs = (await held)?.took;
    // What acquiring has left to do is not part of renewing.
    await sleep(settings.renewal);
    const [begun, before] = [await candidate.ask("usage"), await server.load()];
    await sleep(window);
    const [ended, after] = [await candidate.ask("usage"), await server.load()];
    const ms = ended.at - begun.at;
    const renewals = (ended.leads * ms) / renewsEvery(settings);
    const serverCpu = after.cpu - before.cpu - idleCpu * ms;
    const otherP99 = needs === undefined ? (await probe(server.port, probing)).p99 : undefined;
    return {
      ...{ package: name, allHeldMs, held: ended.leads, otherP99 },
      lost: (await candidate.ask("usage")).lost,
      clientCpu: ((ended.cpu - begun.cpu) / ms) * 10,
      serverCpu: renewals > 0 ? (serverCpu / renewals) * 1000 : undefined,
      requests: requests && (requestsBetween(before, after, requests) / ms) * 1000,
      rss: ended.rss / 2 ** 20,
    };
  } finally {
    await candidate.kill();
    await server.stop();
  }
}

/** Connected, its scripts loaded, and known to its server: that belongs to starting, not to electing. */
async function warmUp(candidate) {
  const gained = candidate.next("gained");
  await candidate.ask("campaign", { key: "warm-up" });
  await gained;
  await candidate.ask("stop", { member: "warm-up" });
}
