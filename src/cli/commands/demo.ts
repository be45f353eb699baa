import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Elector } from "../../elector/elector.ts";
import { command } from "../command.ts";
import { type CommandSpec, commonOptions } from "../command-spec.ts";
import { Cast } from "../demo/cast.ts";
import { overlapsOf } from "../demo/claims.ts";
import { jsonNarrator, textNarrator } from "../demo/narrators.ts";
import { RedisServers } from "../demo/redis-servers.ts";
import {
  type Finding,
  killScene,
  openingScene,
  pauseScene,
  resignScene,
  type Stage,
} from "../demo/scenes.ts";
import { serversScene } from "../demo/servers-scene.ts";
import { exitCodes } from "../exit-codes.ts";
import { type Io, paletteOf } from "../io.ts";
import { openStore } from "../open-store.ts";
import { UsageError } from "../usage-error.ts";

const demoSpec = {
  name: "demo",
  summary: "show an election: one leader is killed, the next is paused, the next resigns",
  operands: "[--store URL | --servers N] [--json]",
  description: `Shows an election on this machine. Four processes campaign. The leader is killed (SIGKILL), the next one
is paused (SIGSTOP) and continued, and the next one resigns. Takes about fifteen seconds.

With --servers, the demo starts N Redis servers (the program redis-server must be installed). It first kills
a minority of them, which restart without data, while the leader keeps its lease.`,
  options: {
    store: {
      value: "URL",
      help: "sqlite:PATH, redis://HOST, redis://A,redis://B,…, redis+sentinel://HOST,…/PRIMARY, redis+cluster://HOST,…, postgres://HOST/DATABASE, mysql://HOST/DATABASE, kubernetes:NAMESPACE, etcd://HOST, nats://HOST, consul://HOST, zookeeper://HOST or dynamodb://TABLE; default: a temporary file",
    },
    servers: { value: "N", help: "start N Redis servers (3 to 9) instead of using --store" },
    json: commonOptions.json,
    help: commonOptions.help,
  },
  notes: "Exit code: 0 if every check passed, 1 if not.",
} as const satisfies CommandSpec;

const TTL = 2000;
const NAMES = ["ada", "grace", "edsger", "leslie"];

/** `incumbent demo`: runs real elections, and checks each promise. */
export const demo = command(demoSpec, async ({ options, operands }, io) => {
  if (operands[0] !== undefined)
    throw new UsageError(`demo takes no operands; got ${operands[0]}.`);
  if (options.store?.startsWith("memory:")) {
    throw new UsageError(
      "A memory: store lives in one process, and the demo runs several. Use sqlite:PATH.",
    );
  }
  const count = options.servers === undefined ? undefined : numberOfServers(options.servers);
  const servers = count === undefined ? undefined : await RedisServers.start(count);
  const scratch =
    options.store === undefined ? mkdtempSync(join(tmpdir(), "incumbent-")) : undefined;
  const url = servers?.url ?? options.store ?? `sqlite:${join(scratch ?? "", "demo.db")}`;
  try {
    const findings = await play(url, servers, options.json === true, io);
    return findings.every(({ holds }) => holds) ? exitCodes.ok : exitCodes.failed;
  } finally {
    await servers?.stop();
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }
});

function numberOfServers(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 3 && count <= 9) return count;
  throw new UsageError(`--servers must be a whole number from 3 to 9; got ${text}. Example: 3.`);
}

async function play(
  url: string,
  servers: RedisServers | undefined,
  json: boolean,
  io: Io,
): Promise<Finding[]> {
  const store = await openStore(url);
  // A unique key, so that a demo on a shared Redis does not find the lease of an earlier one. Every store takes it:
  // Kubernetes knows neither colons nor capitals.
  const key = `incumbent-demo-${process.pid}`;
  const observer = new Elector(store, key, { ttl: TTL, nodeId: "audience" });
  await observer.leader();
  const narrator = (json ? jsonNarrator : textNarrator)(io, paletteOf(io), { url, key, ttl: TTL });
  const cast = new Cast(NAMES, { url, key, ttl: TTL });
  const killAll = () => cast.killAll();
  process.once("exit", killAll);
  const findings: Finding[] = [];
  const stage: Stage = {
    cast,
    observer,
    ttl: TTL,
    narrator: {
      ...narrator,
      finding: (finding) => {
        findings.push(finding);
        narrator.finding(finding);
      },
    },
  };
  cast.onMessage((candidate, message) => narrator.heard(candidate.nodeId, message));
  try {
    const first = await openingScene(stage);
    if (servers !== undefined) await serversScene(stage, servers, first);
    const second = await killScene(stage, first);
    const third = await pauseScene(stage, second);
    await resignScene(stage, third);
    await cast.leave(2 * TTL);
  } finally {
    cast.killAll();
    process.off("exit", killAll);
    await observer.stop();
    await store.close();
  }
  const claims = cast.candidates.flatMap((candidate) => candidate.claims);
  const overlaps = overlapsOf(claims);
  const tokens = [...claims].sort((a, b) => a.from - b.from).map((claim) => claim.token);
  const grow = tokens.every((token, index) => index === 0 || token > (tokens[index - 1] ?? 0));
  stage.narrator.finding({
    claim: "no two candidates led at the same time",
    holds: overlaps.length === 0,
    seen: `${claims.length} terms, ${overlaps.length} overlaps`,
  });
  stage.narrator.finding({
    claim: "every token is larger than the previous one",
    holds: grow,
    seen: tokens.join(" < "),
  });
  narrator.end(NAMES, claims, findings);
  return findings;
}
