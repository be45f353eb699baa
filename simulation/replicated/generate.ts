import { generateScenario } from "../generate.ts";
import { Random } from "../random.ts";
import type { Action, Scenario, SentinelPlan } from "../scenario.ts";
import { kept, slower } from "./slower.ts";

const SERVERS = 3;
const SENTINELS = 3;

/** What leaves every candidate able to ask again: if the Sentinels do not know, the safety of `minReplicas` needs that. */
const harmless: ReadonlySet<Action["does"]> = new Set([
  ...(["start", "resign", "jump-wall", "set-rate"] as const),
]);

/**
 * The scenario of a seed behind Sentinel. In most of them, a majority of the Sentinels learns of a failover together. In
 * the others only one does, some processes cannot reach it, and `minReplicas` is what keeps a second leader away.
 */
export function behindSentinels(seed: number): Scenario {
  const base = slower(generateScenario(seed));
  const random = new Random(seed, 9);
  const isUnheard = random.chance(0.4);
  const troubleEnds = Math.max(base.troubleEnds, base.timing.ttl * random.between(4, 7));
  const draw = new FailoverDraw(random, { ...base, troubleEnds }, isUnheard);
  const allowed = isUnheard ? harmless : kept;
  const actions = base.actions
    .flatMap((action) => (allowed.has(action.does) ? [draw.placed(action)] : []))
    .concat(draw.failovers());
  const isCalm = isUnheard || random.chance(0.5);
  const { weather } = base;
  return {
    ...base,
    actions: actions.sort((one, other) => one.at - other.at),
    sentinel: draw.plan(),
    weather: isCalm ? { ...weather, lost: 0, answerLost: 0, late: 0, twice: 0 } : weather,
    troubleEnds,
  };
}

/** Draws the servers, and what happens to them. All of it is over when the trouble ends. */
class FailoverDraw {
  readonly #random: Random;
  readonly #scenario: Scenario;
  /** Whether only one Sentinel learns of a failover at first. */
  readonly #isUnheard: boolean;

  constructor(random: Random, scenario: Scenario, isUnheard: boolean) {
    this.#random = random;
    this.#scenario = scenario;
    this.#isUnheard = isUnheard;
  }

  plan(): SentinelPlan {
    const random = this.#random;
    const { servers, timing } = this.#scenario;
    const [first] = servers;
    if (first === undefined) throw new Error("There is no server to begin with.");
    const others = Array.from({ length: SERVERS - 1 }, () => ({
      ...first,
      offset: timing.ttl * random.between(-0.2, 0.2),
      isKnown: false,
    }));
    return {
      servers: [first, ...others],
      lag: random.pick([1, 1, 20, timing.ttl * 0.1]),
      minReplicas: this.#isUnheard ? 1 : random.pick([0, 0, 1]),
    };
  }

  /** The action, at any of the servers and Sentinels that it may concern. */
  placed(action: Action): Action {
    const random = this.#random;
    if (action.does === "partition")
      return { ...action, server: random.whole(0, SERVERS + SENTINELS - 1) };
    if (action.does === "sever" || action.does === "freeze")
      return { ...action, server: random.whole(0, SERVERS - 1) };
    return action;
  }

  failovers(): Action[] {
    const random = this.#random;
    const { timing, troubleEnds } = this.#scenario;
    const first = random.between(0.2 * timing.ttl, troubleEnds - timing.ttl);
    const server = random.whole(1, SERVERS - 1);
    const again = random.between(first, troubleEnds);
    const other = (server + random.whole(1, SERVERS - 1)) % SERVERS;
    // A process that asks a new primary and goes back to the former one is a documented limit of `minReplicas`.
    if (this.#isUnheard) return this.#failover(first, server);
    return [...this.#failover(first, server), ...this.#failover(again, other)];
  }

  #failover(at: number, server: number): Action[] {
    const random = this.#random;
    const { timing, troubleEnds } = this.#scenario;
    const spread = timing.ttl * random.between(0.3, 3);
    const within = (least: number, most: number) =>
      Math.min(spread * random.between(least, most), troubleEnds - at);
    const named = Math.min(timing.ttl * random.between(0, 0.3), troubleEnds - at);
    /** Leads the failover, if it is the only one that knows of it; otherwise, the only one that does not. */
    const special = random.whole(0, SENTINELS - 1);
    const isLate = (sentinel: number) => (sentinel === special) !== this.#isUnheard;
    const late = named + within(0.8, 1);
    const informed = Array.from({ length: SENTINELS }, (_, sentinel) =>
      Math.min(isLate(sentinel) ? late : named, troubleEnds - at),
    );
    const promotion: Action = {
      ...({ at, does: "promote", server, informed } as const),
      former: random.pick(["killed", "paused", "cut off", "cut off"]),
      for: within(0.1, 0.5),
      demoted: within(0.5, 1.2),
      followed: within(0, 0.5),
    };
    return [promotion, ...this.#cuts(at, spread, (sentinel) => !isLate(sentinel))];
  }

  /** Some processes cannot reach those that know of the failover. */
  #cuts(at: number, spread: number, knows: (sentinel: number) => boolean): Action[] {
    const random = this.#random;
    const { timing, troubleEnds, processes } = this.#scenario;
    const begins = Math.max(0, at - timing.ttl * random.between(0, 0.3));
    const lasts = Math.min(spread * random.between(0.8, 1.2), troubleEnds - begins);
    return processes.flatMap((_, process): Action[] => {
      if (random.chance(0.5)) return [];
      return Array.from({ length: SENTINELS }, (_, sentinel) => sentinel)
        .filter((sentinel) => knows(sentinel) && random.chance(0.8))
        .map((sentinel) => {
          const server = SERVERS + sentinel;
          return { at: begins, does: "partition", process, server, for: lasts };
        });
    });
  }
}
