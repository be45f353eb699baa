import { invalid, rejectUnknown, wholeNumber } from "../input.ts";
import type { LeaseStore, StoreTraits } from "../stores/lease-store.ts";

/** What a store says that it can do. What is left out it does not claim, and is not held against it. */
export interface StoreCapabilities {
  /** As in the store's traits. Only a `strict` store must have one winner when many ask at once. */
  readonly exclusion: StoreTraits["exclusion"];
  /** As in the store's traits. With `clock`, tokens grow also after `loseData()`. */
  readonly tokens: StoreTraits["tokens"];
  /**
   * By how many ms a lease may last longer than its ttl, such as 1000 where the store counts whole
   * seconds. Never shorter, whatever it is.
   * @defaultValue 1
   */
  readonly granularity?: number | undefined;
  /**
   * `watch` hears of what other processes do, as it happens.
   * @defaultValue false
   */
  readonly wakeUp?: boolean | undefined;
  /**
   * `keys` lists the elections.
   * @defaultValue false
   */
  readonly keys?: boolean | undefined;
  /**
   * Leases and tokens outlive every process that uses the store; and what stands behind it, where
   * `restart()` restarts that.
   * @defaultValue false
   */
  readonly survivesRestart?: boolean | undefined;
  /**
   * After `loseData()` nobody is elected while an earlier lease may still be believed.
   * @defaultValue false
   */
  readonly guardsLostData?: boolean | undefined;
}

/** The time by which leases end, for a store that lets a test decide what time it is. */
export interface StoreTime {
  /** Milliseconds that never go back. Every request carries it as its `clock`. */
  now(): number;
  /** Lets `ms` pass. */
  pass(ms: number): void | Promise<void>;
}

/** The store as one test has it. */
export interface StoreSetup {
  /**
   * A store as another process would open it: all stores of one setup see the same leases. The kit
   * closes them.
   */
  open(): LeaseStore | Promise<LeaseStore>;
  /** Left out, time is real, and the tests wait for it. */
  readonly time?: StoreTime | undefined;
  /** Restarts what stands behind the stores, such as a server. All stores are closed when it is called. */
  restart?(): void | Promise<void>;
  /** Makes what stands behind the stores forget everything, such as FLUSHALL does. */
  loseData?(): void | Promise<void>;
  /** Called at the end of the test, also of one that fails. All stores are closed by then. */
  cleanUp?(): void | Promise<void>;
}

/** A store, and how to get it into a test. */
export interface StoreUnderTest {
  /** Called once for each test. Keys are never used twice, so one server may serve all of them. */
  setUp(): StoreSetup | Promise<StoreSetup>;
  readonly capabilities: StoreCapabilities;
  /**
   * How many ms an answer or a hint may take before the test fails.
   * @defaultValue 2000
   */
  readonly patience?: number | undefined;
  /**
   * Of what the fuzz rule does: a whole number. A failure names the one that was used.
   * @defaultValue another one each time
   */
  readonly seed?: number | undefined;
}

/** The declaration with its defaults. */
export interface Declared extends Required<StoreCapabilities> {
  readonly granularity: number;
  readonly wakeUp: boolean;
  readonly keys: boolean;
  readonly survivesRestart: boolean;
  readonly guardsLostData: boolean;
}

/** A store under test, checked. */
export interface Subject {
  setUp(): StoreSetup | Promise<StoreSetup>;
  readonly declared: Declared;
  readonly patience: number;
  readonly seed: number | undefined;
}

const YES_OR_NO = ["wakeUp", "keys", "survivesRestart", "guardsLostData"] as const;

/** Throws `INCUMBENT_INVALID_OPTION`. */
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
  rejectUnknown("capability", given, ["exclusion", "tokens", "granularity", ...YES_OR_NO]);
  const { exclusion, tokens, granularity = 1 } = given;
  if (exclusion !== "strict" && exclusion !== "advisory") {
    const rule = 'must be "strict" or "advisory"';
    throw invalid({ name: "exclusion", rule, value: exclusion, example: '"strict"' });
  }
  if (tokens !== "clock" && tokens !== "memory") {
    const rule = 'must be "clock" or "memory"';
    throw invalid({ name: "tokens", rule, value: tokens, example: '"memory"' });
  }
  for (const name of YES_OR_NO) {
    const value = given[name];
    if (value === undefined || typeof value === "boolean") continue;
    throw invalid({ name, rule: "must be true or false", value, example: "false" });
  }
  const { wakeUp = false, keys = false, survivesRestart = false, guardsLostData = false } = given;
  return {
    ...{ exclusion, tokens, wakeUp, keys, survivesRestart, guardsLostData },
    granularity: wholeNumber("granularity", granularity, { min: 0, max: 60_000, example: "1" }),
  };
}
