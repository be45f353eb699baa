import { checkFlag, invalid, rejectUnknown, wholeNumber } from "../input.ts";
import type { LeaseStore, StoreTraits } from "../stores/lease-store.ts";

/**
 * What a store declares that it can do. Rules about a capability that is left out do not apply.
 *
 * @example
 * const capabilities: StoreCapabilities = {
 *   exclusion: "strict",
 *   tokens: "clock",
 *   granularity: 1000, // The database counts whole seconds.
 *   survivesRestart: true,
 * };
 */
export interface StoreCapabilities {
  /** As in the store's traits. Only a `strict` store must elect exactly one of many simultaneous candidates. */
  readonly exclusion: StoreTraits["exclusion"];
  /** As in the store's traits. With `clock`, tokens must grow even after `loseData()`. */
  readonly tokens: StoreTraits["tokens"];
  /**
   * As in the store's traits. With `observer`, a store that has just been opened may refuse a lease for one
   * more ttl, and only a store that has seen a lease change can say what remains of it.
   * @defaultValue "server"
   */
  readonly clock?: StoreTraits["clock"];
  /**
   * As in the store's traits: by how many ms a lease may last longer than its ttl; for example 1000 if the
   * store counts whole seconds. A lease must never be shorter than its ttl.
   * @defaultValue 1
   */
  readonly granularity?: number | undefined;
  /**
   * Several servers vote on a lease, so that of many simultaneous attempts all may be refused: the votes were
   * split. Candidates that ask again after their `retryIn` must elect one of them soon.
   * @defaultValue false
   */
  readonly splitVotes?: boolean | undefined;
  /**
   * `watch` reports releases and new leaders of other processes as they happen.
   * @defaultValue false
   */
  readonly wakeUp?: boolean | undefined;
  /**
   * `keys` lists all elections in the store.
   * @defaultValue false
   */
  readonly keys?: boolean | undefined;
  /**
   * Leases and tokens outlive every process that uses the store and, if there is a `restart()`, a restart
   * of the server behind it.
   * @defaultValue false
   */
  readonly survivesRestart?: boolean | undefined;
  /**
   * After `loseData()` the store grants no lease while an earlier leader may still rely on its own.
   * @defaultValue false
   */
  readonly guardsLostData?: boolean | undefined;
}

/**
 * The clock by which leases end, for a store whose clock a test can move.
 *
 * @example
 * const clock = new ManualClock();
 * const time: StoreTime = { now: () => clock.now(), pass: (ms) => clock.advance(ms) };
 */
export interface StoreTime {
  /** Returns the time in ms, which must never go back. Every request gets it as its `clock`. */
  now(): number;
  /** Advances the clock by `ms`. */
  pass(ms: number): void | Promise<void>;
}

/**
 * What one test gets from `setUp()`.
 *
 * @example
 * const server = await startServer();
 * const setup: StoreSetup = {
 *   open: () => new MyStore(server.url),
 *   restart: () => server.restart(),
 *   cleanUp: () => server.stop(),
 * };
 */
export interface StoreSetup {
  /**
   * Opens a store as another process would. All stores of one setup must share the same leases. The kit
   * closes them.
   */
  open(): LeaseStore | Promise<LeaseStore>;
  /**
   * Opens a store as a process would whose date is an hour ahead. Required with `clock: "observer"`.
   */
  openAhead?(): LeaseStore | Promise<LeaseStore>;
  /** The clock of the store. Without it the tests wait in real time. */
  readonly time?: StoreTime | undefined;
  /** Restarts the server behind the stores. The kit closes all stores before the call. */
  restart?(): void | Promise<void>;
  /** Deletes all data behind the stores, as FLUSHALL does in Redis. */
  loseData?(): void | Promise<void>;
  /** Called at the end of every test, even if it fails. The kit closes all stores before the call. */
  cleanUp?(): void | Promise<void>;
}

/**
 * A store that is to be tested, and how to set it up.
 *
 * @example
 * const myStore: StoreUnderTest = {
 *   setUp: () => ({ open: () => new MyStore("http://127.0.0.1:8500") }),
 *   capabilities: { exclusion: "strict", tokens: "memory" },
 *   patience: 5000,
 * };
 */
export interface StoreUnderTest {
  /** Called once for each test. Each test has its own keys, so one server may serve all tests. */
  setUp(): StoreSetup | Promise<StoreSetup>;
  /** What the store declares. It decides which rules apply. */
  readonly capabilities: StoreCapabilities;
  /**
   * After how many ms without an answer or a hint a test fails.
   * @defaultValue 2000
   */
  readonly patience?: number | undefined;
  /**
   * The seed of the fuzz rule, a whole number. A failure reports the seed that was used.
   * @defaultValue a new random seed for each run
   */
  readonly seed?: number | undefined;
}

/** The declared capabilities with their defaults. */
export interface Declared extends Required<StoreCapabilities> {
  readonly clock: "server" | "observer";
  readonly granularity: number;
  readonly splitVotes: boolean;
  readonly wakeUp: boolean;
  readonly keys: boolean;
  readonly survivesRestart: boolean;
  readonly guardsLostData: boolean;
}

/** A store under test whose options have been checked. */
export interface Subject {
  setUp(): StoreSetup | Promise<StoreSetup>;
  readonly declared: Declared;
  readonly patience: number;
  readonly seed: number | undefined;
}

const YES_OR_NO = ["splitVotes", "wakeUp", "keys", "survivesRestart", "guardsLostData"] as const;

/** Checks the options. Throws `INCUMBENT_INVALID_OPTION`. */
export function parseSubject(given: StoreUnderTest): Subject {
  const example = "{ setUp: () => ({ open: () => new MyStore() }), capabilities: { … } }";
  if (typeof given !== "object" || given === null) {
    throw invalid({
      name: "the store under test",
      rule: "must be an object",
      value: given,
      example,
    });
  }
  rejectUnknown("option", given, ["setUp", "capabilities", "patience", "seed"]);
  if (typeof given.setUp !== "function") {
    throw invalid({ name: "setUp", rule: "must be a function", value: given.setUp, example });
  }
  const { patience = 2000, seed } = given;
  return {
    setUp: () => given.setUp(),
    declared: parseCapabilities(given.capabilities),
    patience: wholeNumber("patience", patience, { min: 1, max: 600_000, example: "2000 (2 s)" }),
    seed:
      seed === undefined
        ? undefined
        : wholeNumber("seed", seed, {
            min: 0,
            max: 2 ** 32 - 1,
            example: "1234567, as a failed test reports it",
          }),
  };
}

function parseCapabilities(given: StoreCapabilities): Declared {
  const example = '{ exclusion: "strict", tokens: "memory" }';
  if (typeof given !== "object" || given === null) {
    throw invalid({ name: "capabilities", rule: "must be an object", value: given, example });
  }
  rejectUnknown("capability", given, ["exclusion", "tokens", "clock", "granularity", ...YES_OR_NO]);
  const { exclusion, tokens, clock = "server", granularity = 1 } = given;
  if (exclusion !== "strict" && exclusion !== "advisory") {
    const rule = 'must be "strict" or "advisory"';
    throw invalid({ name: "exclusion", rule, value: exclusion, example: '"strict"' });
  }
  if (tokens !== "clock" && tokens !== "memory") {
    const rule = 'must be "clock" or "memory"';
    throw invalid({ name: "tokens", rule, value: tokens, example: '"memory"' });
  }
  if (clock !== "server" && clock !== "observer") {
    const rule = 'must be "server" or "observer"';
    throw invalid({ name: "clock", rule, value: clock, example: '"server"' });
  }
  for (const name of YES_OR_NO) {
    checkFlag(name, given[name]);
  }
  const { splitVotes = false, wakeUp = false, keys = false } = given;
  const { survivesRestart = false, guardsLostData = false } = given;
  return {
    ...{ exclusion, tokens, clock, splitVotes, wakeUp, keys, survivesRestart, guardsLostData },
    granularity: wholeNumber("granularity", granularity, { min: 0, max: 60_000, example: "1" }),
  };
}
