import { marginOf, type Timing } from "../election/timing.ts";
import {
  boundedText,
  checkFlag,
  checkOptions,
  invalid,
  visibleName,
  wholeNumber,
} from "../input.ts";
import type { LeaseStore } from "../stores/lease-store.ts";
import { randomId } from "./environment.ts";
import type { Logger } from "./log.ts";

/** How an elector behaves. All durations are whole milliseconds. */
export interface ElectorOptions {
  /**
   * How long the lease lasts if it is not renewed, and so how long the election is without a leader
   * after a crash. The same for all candidates of a key. 100 to 2^31-1.
   * @defaultValue 10_000
   */
  readonly ttl?: number | undefined;
  /**
   * From one renewal to the next; up to a tenth of it less if other electors of the process renew then, so
   * that thousands of them go together. One and a half of it must fit into the trusted part of the ttl, so
   * that a failed renewal leaves room for a second.
   * @defaultValue 30 % of `ttl`: 3_000
   */
  readonly renewalInterval?: number | undefined;
  /**
   * How long before the lease ends the leader gives up, at the least: the time to stop working before
   * a successor can exist.
   * @defaultValue 10 % of `ttl`: 1_000
   */
  readonly safetyMargin?: number | undefined;
  /**
   * By how much the rate of this machine's clock may differ from the store's, as a fraction.
   * @defaultValue 0.01
   */
  readonly driftFactor?: number | undefined;
  /**
   * After `resign` or `stop`: how long the lease is still renewed while the work of `lead`, and promises that
   * leadership callbacks returned, settle.
   * @defaultValue 30_000
   */
  readonly drainTimeout?: number | undefined;
  /**
   * A name for people: logs, `leader()`, dashboards. Not an identity; two processes with the same one
   * do not disturb each other. 1 to 256 bytes, without characters that cannot be seen, as in a key.
   * @defaultValue 128 random bits as hex
   */
  readonly nodeId?: string | undefined;
  /**
   * What others should know of the leader, such as its address. Any text of at most 4096 bytes without
   * NUL and lone surrogates.
   */
  readonly metadata?: string | undefined;
  /**
   * Whether SIGTERM and SIGINT (Ctrl-C) stop the elector while it is started. After that, the signal has its usual
   * effect: it ends the process, unless your program listens to it. Then your program decides.
   * @defaultValue false
   */
  readonly stopOnSignals?: boolean | undefined;
  /**
   * Whether the process may end although the elector is started, if nothing else keeps it alive: its lease then ends
   * by itself, like after a crash. A store that you make yourself has connections of its own.
   * @defaultValue false
   */
  readonly unref?: boolean | undefined;
  /** Any logger with pino's methods: `debug`, `info`, `warn` and `error`, each `(fields, message)`. */
  readonly logger?: Logger | undefined;
}

/** Options after checking. */
export interface Settings {
  readonly timing: Timing;
  readonly nodeId: string;
  readonly metadata: string | undefined;
  readonly stopOnSignals: boolean;
  readonly unref: boolean;
  readonly logger: Logger | undefined;
}

const MAX_TTL = 2 ** 31 - 1;

/** The names of all options. */
export const electorOptionNames: readonly (keyof ElectorOptions)[] = [
  "ttl",
  "renewalInterval",
  "safetyMargin",
  "driftFactor",
  "drainTimeout",
  "nodeId",
  "metadata",
  "stopOnSignals",
  "unref",
  "logger",
];

/** The key of an election, checked. Throws `INCUMBENT_INVALID_OPTION`. */
export function checkKey(key: unknown): string {
  return visibleName("key", key, { min: 1, max: 512, example: '"billing:scheduler"' });
}

/** The store, checked as far as its shape allows. Throws `INCUMBENT_INVALID_OPTION`. */
export function checkStore(store: unknown): LeaseStore {
  const isStore =
    typeof store === "object" && store !== null && "acquire" in store && "renew" in store;
  if (isStore) return store as LeaseStore; // It has the methods that no other object has.
  throw invalid({
    name: "store",
    rule: "must be a lease store",
    value: store,
    example: "new RedisStore(client) or new SqliteStore(path)",
  });
}

/** Checks every option and the relations between them. Throws `INCUMBENT_INVALID_OPTION`. */
export function parseOptions(options: ElectorOptions, watched: boolean): Settings {
  const given = checkOptions(options, electorOptionNames, "{ ttl: 10_000 }");
  return {
    timing: parseTiming(given, watched),
    nodeId:
      given.nodeId === undefined
        ? randomId()
        : visibleName("nodeId", given.nodeId, { min: 1, max: 256, example: '"api-7"' }),
    metadata:
      given.metadata === undefined
        ? undefined
        : boundedText("metadata", given.metadata, {
            min: 0,
            max: 4096,
            example: '"http://10.0.0.7:8080"',
          }),
    stopOnSignals: checkFlag("stopOnSignals", given.stopOnSignals),
    unref: checkFlag("unref", given.unref),
    logger: given.logger === undefined ? undefined : checkLogger(given.logger),
  };
}

function parseTiming(given: ElectorOptions, watched: boolean): Timing {
  // Defaults are for what was left out; null is a mistake like any other.
  const { ttl: givenTtl = 10_000, drainTimeout: givenDrainTimeout = 30_000 } = given;
  const ttl = wholeNumber("ttl", givenTtl, {
    min: 100,
    max: MAX_TTL,
    example: "10000 (10 s)",
  });
  const defaultInterval = Math.round(ttl * 0.3);
  const defaultMargin = Math.round(ttl * 0.1);
  const {
    renewalInterval: givenInterval = defaultInterval,
    safetyMargin: givenMargin = defaultMargin,
    driftFactor = 0.01,
  } = given;
  const renewalInterval = wholeNumber("renewalInterval", givenInterval, {
    min: 1,
    max: ttl,
    example: `${defaultInterval} (30 % of the ttl)`,
  });
  const safetyMargin = wholeNumber("safetyMargin", givenMargin, {
    min: 0,
    max: Math.floor(ttl / 2),
    example: `${defaultMargin} (10 % of the ttl)`,
  });
  const drainTimeout = wholeNumber("drainTimeout", givenDrainTimeout, {
    min: 0,
    max: MAX_TTL,
    example: "30000 (30 s)",
  });
  const margin = marginOf(ttl, checkDrift(driftFactor), safetyMargin);
  checkRoom(ttl, renewalInterval, margin);
  // Without hints of the store a release is only noticed by looking.
  const pollInterval = watched ? ttl : ttl / 3;
  return { ttl, renewalInterval, margin, pollInterval, drainTimeout };
}

function checkDrift(value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= 0.2) return value;
  const rule = "must be a number from 0 to 0.2";
  throw invalid({ name: "driftFactor", rule, value, example: "0.01 (1 %)" });
}

/** A renewal that is not answered is repeated after half an interval; that must still count. */
function checkRoom(ttl: number, renewalInterval: number, margin: number): void {
  const longest = Math.floor((ttl - margin) / 1.5);
  if (renewalInterval <= longest) return;
  throw invalid({
    name: "renewalInterval",
    rule: `must be at most ${longest} ms (ttl ${ttl}, safety margin ${margin}) so that one retry fits before the deadline`,
    value: renewalInterval,
    example: `${Math.round(ttl * 0.3)} (30 % of the ttl)`,
  });
}

function checkLogger(logger: Logger): Logger {
  for (const method of ["debug", "info", "warn", "error"] as const) {
    if (typeof logger?.[method] === "function") continue;
    throw invalid({
      name: "logger",
      rule: "must have the methods debug, info, warn and error",
      value: logger,
      example: "a pino logger, or console",
    });
  }
  return logger;
}
