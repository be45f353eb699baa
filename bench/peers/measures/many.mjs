import { Redis } from "ioredis";
import { startRedis } from "../../redis.mjs";
import { Candidate } from "../candidates.mjs";
import { probe } from "../probe-other-clients.mjs";
import { loadOf, requestsBetween } from "../server-load.mjs";

export const name = "many";
export const title = "Thousands of leaderships in one process";
export const method = `One process campaigns for all keys at once, with one client, on a server of its own. When it holds
them, or after 20 s, it renews for the time of the window. CPU is the process's own; the server's is
what \`INFO\` says, less that of an idle server in the same run. Then another process sends a PING every other
millisecond. \`bare\` is no election: one script for 200 keys at a time that reads and writes what a renewal does.`;

export const columns = [
  { key: "leaderships", title: "leaderships", digits: 0 },
  { key: "ttl", title: "ttl ms", digits: 0 },
  { key: "package", title: "package" },
  { key: "held", title: "held", digits: 0 },
  { key: "lost", title: "lost", digits: 0 },
  { key: "allHeldMs", title: "all held after ms", digits: 0 },
  { key: "clientCpu", title: "client CPU s per 10 s", digits: 3 },
  { key: "serverCpu", title: "Redis CPU µs a renewal", digits: 1 },
  { key: "requests", title: "requests a second", digits: 1 },
  { key: "rss", title: "MB", digits: 0 },
  { key: "otherP99", title: "other clients' p99 ms", digits: 2 },
];

const PATIENCE = 20_000;

/** `none` is the server without elections: what all figures are compared with. */
export async function* run({ packages, scale, progress }) {
  const { leaderships, ttls, window, probing } = scale.many;
  const subjects = packages.filter(({ many = true }) => many);
  progress.expect(1 + leaderships.length * ttls.length * subjects.length);
  progress.begin("no elections");
  const idle = await measureIdle(window, probing);
  yield { package: "none", otherP99: idle.otherP99 };
  for (const ttl of ttls) {
    for (const count of leaderships) {
      for (const subject of subjects) {
        progress.begin(`${count} of ${subject.name}, ttl ${ttl} ms`);
        if (count > (subject.most ?? Number.POSITIVE_INFINITY)) continue;
        yield await measure(subject, { count, ttl, window, probing, idleCpu: idle.cpu });
      }
    }
  }
}

async function measureIdle(window, probing) {
  const redis = await startRedis();
  const admin = new Redis(redis.port);
  const before = await loadOf(admin);
  await sleep(window);
  const after = await loadOf(admin);
  const { p99 } = await probe(redis.port, probing);
  admin.disconnect();
  await redis.stop();
  return { cpu: (after.cpu - before.cpu) / window, otherP99: p99 };
}

async function measure({ name, requests, renewsEvery }, { count, ttl, window, probing, idleCpu }) {
  const redis = await startRedis();
  const admin = new Redis(redis.port);
  const settings = { port: redis.port, ttl, renewal: Math.round(ttl / 3) };
  const candidate = await Candidate.start(name, settings);
  try {
    await warmUp(candidate);
    const held = candidate.next("all-held", PATIENCE);
    await candidate.ask("campaignForMany", { count });
    const allHeldMs = (await held)?.took;
    // What acquiring has left to do is not part of renewing.
    await sleep(settings.renewal);
    const [begun, before] = [await candidate.ask("usage"), await loadOf(admin)];
    await sleep(window);
    const [ended, after] = [await candidate.ask("usage"), await loadOf(admin)];
    const ms = ended.at - begun.at;
    const renewals = (ended.leads * ms) / renewsEvery(settings);
    const { p99 } = await probe(redis.port, probing);
    return {
      ...{ leaderships: count, ttl, package: name, allHeldMs },
      held: ended.leads,
      lost: (await candidate.ask("usage")).lost,
      clientCpu: ((ended.cpu - begun.cpu) / ms) * 10,
      serverCpu:
        renewals > 0 ? ((after.cpu - before.cpu - idleCpu * ms) / renewals) * 1000 : undefined,
      requests: (requestsBetween(before, after, requests) / ms) * 1000,
      rss: ended.rss / 2 ** 20,
      otherP99: p99,
    };
  } finally {
    await candidate.kill();
    admin.disconnect();
    await redis.stop();
  }
}

/** Connected, its scripts loaded, and known to its server: nobody has to start from nothing twice. */
async function warmUp(candidate) {
  const gained = candidate.next("gained");
  await candidate.ask("campaign", { key: "warm-up" });
  await gained;
  await candidate.ask("stop", { key: "warm-up" });
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
