import { StoreError } from "../../../errors.ts";
import { type Check, error, note, ok, type Verdict, warning } from "../../diagnosis.ts";
import type { Examination } from "../../lease-store.ts";
import { compareClocks, roundTrip } from "../../server-checks.ts";
import { isKeyDenied, storeErrorOf } from "../client/redis-errors.ts";
import type { RedisConnection } from "../connection/redis-connection.ts";
import type { GuardSettings } from "../guard-settings.ts";
import { unexpected } from "../script/redis-reply.ts";
import { guardIn, memoryIn, persistenceIn, replicationIn, versionIn } from "./redis-condition.ts";
import { remedyForReach, remedyForRights } from "./redis-remedies.ts";
import { attempt, rightsIn } from "./redis-rights.ts";
import { sentinelCheck } from "./sentinel-check.ts";
import { shardCheck } from "./shard-check.ts";

/** How long a message may take, in ms. */
const MESSAGE = 1000;

/** The channel of no election: no key has this one's name unless it is called so. */
const CHANNEL = "incumbent:{doctor}";

/** A key at which nothing is. */
const NOTHING = "incumbent:{doctor}:nothing";

type Send = (examination: Examination, ...args: string[]) => Promise<unknown>;

/** What is looked at on one server. A member of a cluster has no stamp. */
export function redisChecks(
  connection: RedisConnection,
  settings: GuardSettings,
  isMember = false,
): Check[] {
  const { restartGuard, stampKey, minReplicas, alsoLock } = settings;
  const isStamped = restartGuard && !isMember;
  const send: Send = (examination, ...args) => connection.send(args, examination);
  const infoCheck = (name: string, section: string, judge: (info: string) => Verdict[]): Check => ({
    name,
    run: async (examination) => {
      const info = await infoOf(send, examination, section);
      return info === undefined ? [] : judge(info);
    },
  });
  const keys = isStamped ? [stampKey] : [];
  // Of a lock for each election, the keys are not known; that one for all is not declared, so it has no prefix yet.
  const lockKey = alsoLock?.includes("*") === false ? connection.keyPrefix + alsoLock : undefined;
  const lock = alsoLock === undefined ? [] : [lockKey ?? NOTHING];
  return [
    {
      name: "reachable",
      isVital: true,
      remedy: remedyForReach,
      run: async (examination) => {
        const verdicts = await roundTrip(examination, () => pong(send, examination));
        return (await isSentinel(send, examination)) ? [sentinel] : verdicts;
      },
    },
    sentinelCheck(connection),
    infoCheck("version", "server", versionIn),
    {
      name: "rights",
      isBrief: true,
      remedy: remedyForRights(minReplicas > 0, connection.keyPrefix + stampKey),
      run: async (examination) => {
        await callUnknown(send, examination);
        if (minReplicas > 0) await send(examination, "WAIT", "0", "1");
        const count = String(keys.length);
        const args = [...keys, CHANNEL, NOTHING, isMember ? "1" : "", ...lock];
        const reply = await send(examination, "EVAL", attempt, count, ...args);
        const hasLockEach = alsoLock !== undefined && lockKey === undefined;
        return rightsIn(reply, { isGuarded: restartGuard, isStamped, lockKey, hasLockEach });
      },
    },
    ...(restartGuard ? [infoCheck("guard", "default", guardIn)] : [unguarded]),
    infoCheck("replication", "replication", (info) => replicationIn(info, minReplicas)),
    { ...infoCheck("eviction", "memory", memoryIn), isBrief: true },
    {
      name: "persistence",
      run: async (examination) => {
        const info = await infoOf(send, examination, "persistence");
        return info === undefined ? [] : persistenceIn(info, await saveOf(send, examination));
      },
    },
    ...(isStamped ? [stampCheck(send, stampKey)] : []),
    {
      name: "clock",
      run: (examination) => compareClocks(examination, () => timeOf(send, examination)),
    },
    { name: "messages", run: (examination) => hear(connection, examination) },
    ...(connection.openShard === undefined ? [] : [shardCheck(connection.openShard, CHANNEL)]),
  ];
}

const unguarded: Check = {
  name: "guard",
  run: () => [
    note(
      "restartGuard is off: a server that lost its memory can elect a second leader.",
      "Leave it on, except in tests or where INFO is forbidden.",
    ),
  ],
};

/** PING may be denied, as every answer shows that the server is there. */
async function pong(send: Send, examination: Examination): Promise<void> {
  try {
    const reply = String(await send(examination, "PING"));
    if (reply !== "PONG") throw notRedis(`to PING it says ${JSON.stringify(reply.slice(0, 40))}`);
  } catch (thrown) {
    if (!/\bNOPERM\b.* 'ping'/.test(String(thrown))) throw thrown;
  }
}

function notRedis(why: string): StoreError {
  const text = `What answers at this address is not Redis: ${why}.`;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", text, { applied: "no" });
}

/** It answers to PING as well, and to nothing that elections need. */
const sentinel = error(
  "This is a Sentinel, which keeps no leases.",
  "Give the addresses of all Sentinels as redis+sentinel://HOST,HOST,HOST/PRIMARY.",
);

async function isSentinel(send: Send, examination: Examination): Promise<boolean> {
  const info = await infoOf(send, examination, "server").catch(() => "");
  // Valkey has a name of its own for it.
  return /^(redis|server)_mode:sentinel/m.test(info ?? "");
}

/** Nothing if INFO is denied, which is a finding of its own. */
async function infoOf(
  send: Send,
  examination: Examination,
  section: string,
): Promise<string | undefined> {
  try {
    const reply = await send(examination, "INFO", section);
    const text = Array.isArray(reply) ? undefined : String(reply);
    if (text === undefined || !/^(\w+:|#|$)/m.test(text)) throw unexpected(reply);
    return text;
  } catch (thrown) {
    if (/\bNOPERM\b|unknown command/i.test(String(thrown))) return undefined;
    throw thrown;
  }
}

/** When snapshots are made; nothing if the server does not say. */
async function saveOf(send: Send, examination: Examination): Promise<string | undefined> {
  try {
    const reply = await send(examination, "CONFIG", "GET", "save");
    const [, save] = Array.isArray(reply) ? reply : Object.entries(Object(reply)).flat();
    return save === undefined ? undefined : String(save);
  } catch {
    return undefined;
  }
}

/** A script that no server knows: that it is unknown is only said to those who may call scripts. */
async function callUnknown(send: Send, examination: Examination): Promise<void> {
  try {
    const reply = await send(examination, "EVALSHA", "0".repeat(40), "0");
    throw unexpected(reply);
  } catch (thrown) {
    if (!/\bNOSCRIPT\b/.test(String(thrown))) throw thrown;
  }
}

function stampCheck(send: Send, stampKey: string): Check {
  return {
    name: "stamp",
    run: async (examination) => {
      const type = await kindOf(send, examination, stampKey);
      if (type === "hash" || type === "none") return [];
      if (!/^[\w-]{1,20}$/.test(type)) throw unexpected(type);
      return [
        error(
          `The key ${stampKey} holds a ${type}, where the server's stamp belongs: no process can be elected.`,
          "Delete it, or pass another stampKey to all candidates.",
        ),
      ];
    },
  };
}

/** `none` also if the key is denied, which is a finding of its own. */
async function kindOf(send: Send, examination: Examination, key: string): Promise<string> {
  try {
    return String(await send(examination, "EVAL", KIND, "1", key));
  } catch (thrown) {
    if (isKeyDenied(thrown)) return "none";
    throw thrown;
  }
}

// What is denied here is a finding of its own.
const KIND = "return redis.pcall('TYPE', KEYS[1]).ok or 'none'";
const TIME = "local time = redis.pcall('TIME') return time.err and '' or time[1] .. ' ' .. time[2]";

/** In ms since 1970. */
async function timeOf(send: Send, examination: Examination): Promise<number | undefined> {
  const text = String(await send(examination, "EVAL", TIME, "0"));
  if (text === "") return undefined;
  const [, seconds, micros] = /^(\d+) (\d+)$/.exec(text) ?? [];
  if (seconds === undefined) throw unexpected(text);
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

/** Sends one message over one connection and awaits it over another. */
async function hear(connection: RedisConnection, examination: Examination): Promise<Verdict[]> {
  const slow = "candidates notice a release only when the lease would have expired";
  const remedy = "Use an address that passes pub/sub on, and grant +subscribe and &incumbent:*.";
  let onMessage = () => {};
  let cancel = () => {};
  const heard = new Promise<boolean>((resolve) => {
    onMessage = () => resolve(true);
    cancel = examination.timer(MESSAGE, () => resolve(false));
    examination.signal.addEventListener("abort", () => resolve(false), { once: true });
  });
  const driver = connection.open({ lost() {}, message: onMessage });
  try {
    await driver.connect();
    await driver.subscribe([CHANNEL]);
    const publish = "return redis.pcall('PUBLISH', ARGV[1], ARGV[2])";
    await connection.send(["EVAL", publish, "0", CHANNEL, "doctor"], examination);
    if (await heard) return [ok("Messages arrive, so a handover takes milliseconds.")];
    return [warning(`Messages do not arrive: ${slow}.`, remedy)];
  } catch (thrown) {
    const { detail } = storeErrorOf(thrown);
    return [warning(`Messages cannot be received (${detail}): ${slow}.`, remedy)];
  } finally {
    cancel();
    driver.end();
  }
}
