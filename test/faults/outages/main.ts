// Outages that docs/guide/tuning.md says are survived, on every client of every store. `npm run outages -- --help`.

import { readArgs, runScript, UsageError, wholeNumber } from "../../../scripts/command-line.mjs";
import { type StoreName, stores } from "../../chaos/stores/stores.ts";
import { Progress } from "../../support/progress.ts";
import { KINDS, type Kind, meetOutages, SURVIVED } from "./outages.ts";

/** By what the leaders connect. A store that is not listed has no network. */
const clients: Readonly<Partial<Record<StoreName, readonly string[]>>> = {
  redis: ["url", "ioredis", "ioredis-5", "iovalkey", "redis", "redis-5"],
  postgres: ["url", "pool", "client", "sql"],
  mariadb: ["url", "mariadb", "pool"],
  etcd: ["url"],
  nats: ["url"],
  zookeeper: ["url"],
};
/** Of each client and kind. The PostgreSQL of the chaos run allows 30 connections, and a leader has two. */
const mostLeaders: Readonly<Partial<Record<StoreName, number>>> = { postgres: 1 };
const names = Object.keys(clients) as StoreName[]; // It has no others.
const kinds = Object.keys(KINDS) as Kind[]; // Neither has this.

const usage = `npm run outages -- [--store STORE]… [--ttl MS]… [--leaders N] [--outages N] [--seed N]

  --store STORE  ${names.join(", ")} (default all, one after another); more than once
  --ttl MS       of the leases (default 2000, 5000 and 10000, one after another); more than once
  --leaders N    how many meet them side by side, for each client and kind of outage (default 3; on PostgreSQL 1)
  --outages N    how many each of them meets (default 14)
  --seed N       draw the same moments again (default 1)

An outage lasts ${SURVIVED} ttl, and is one of: ${kinds.join(", ")}. Exits with 1 if a leader lost its term.`;

await runScript(usage, async (args) => {
  const { values } = readArgs(args, {
    store: { type: "string", multiple: true, default: [] },
    ttl: { type: "string", multiple: true, default: [] },
    leaders: { type: "string" },
    outages: { type: "string" },
    seed: { type: "string" },
  });
  const wanted = values.store.map((text) => storeNamed(text));
  const ttls = values.ttl.map((text) => wholeNumber("--ttl", text, { min: 500, fallback: 0 }));
  const volume = {
    leaders: wholeNumber("--leaders", values.leaders, { min: 1, fallback: 3 }),
    outages: wholeNumber("--outages", values.outages, { min: 1, fallback: 14 }),
    seed: wholeNumber("--seed", values.seed, { min: 0, fallback: 1 }),
  };
  let lost = 0;
  for (const name of wanted.length === 0 ? names : wanted) {
    for (const ttl of ttls.length === 0 ? [2000, 5000, 10_000] : ttls) {
      lost += await allOutages(name, ttl, volume);
    }
  }
  process.stdout.write(`lost: ${lost}\n`);
  return lost === 0 ? 0 : 1;
});

interface Volume {
  readonly leaders: number;
  readonly outages: number;
  readonly seed: number;
}

/** All clients and kinds at once, on one server. Returns how many terms were lost. */
async function allOutages(name: StoreName, ttl: number, volume: Volume): Promise<number> {
  const servers = await stores[name].start();
  const all = clients[name] ?? [];
  const leaderCount = Math.min(volume.leaders, mostLeaders[name] ?? volume.leaders);
  const count = all.length * kinds.length * leaderCount * volume.outages;
  const bar = new Progress(`outages, ${name}, ttl ${ttl} ms`, {
    count,
    minutes: Number.POSITIVE_INFINITY,
  });
  let met = 0;
  const onOutage = () => bar.show(++met);
  try {
    const cells = all.flatMap((client) => kinds.map((kind) => ({ client, kind })));
    const counts = await Promise.all(
      cells.map(async ({ client, kind }) => {
        const leaders = Array.from({ length: leaderCount }, (_, leader) => {
          const seed = volume.seed + leader;
          return meetOutages(servers, {
            client,
            kind,
            ttl,
            outages: volume.outages,
            seed,
            onOutage,
          });
        });
        const met = await Promise.all(leaders);
        const lost = met.flatMap((each) => each.lost);
        const slow = met.reduce((sum, each) => sum + each.slow, 0);
        bar.end();
        const of = leaderCount * volume.outages;
        const when = lost.length > 0 ? ` (${lost.join(", ")})` : "";
        const left = slow > 0 ? `, ${slow} too slow to judge` : "";
        process.stdout.write(
          `${name}, ${client}, ${kind}, ttl ${ttl} ms: ${lost.length} of ${of} lost${when}${left}\n`,
        );
        return lost.length;
      }),
    );
    return counts.reduce((sum, each) => sum + each, 0);
  } finally {
    await servers.stop();
  }
}

function storeNamed(text: string): StoreName {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`--store must be one of ${names.join(", ")}; got ${text}`);
}
