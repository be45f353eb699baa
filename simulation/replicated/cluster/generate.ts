import { generateScenario } from "../../generate.ts";
import { Random } from "../../random.ts";
import type { Action, ClusterPlan, Scenario } from "../../scenario.ts";
import { kept, slower } from "../slower.ts";

const SHARDS = 3;
const NODES = 2 * SHARDS;

/** The scenario of a seed in a Redis Cluster: failovers, and slots that are moved, one after the other. */
export function inCluster(seed: number): Scenario {
  const { examines: _, ...base } = slower(generateScenario(seed));
  const random = new Random(seed, 10);
  const troubleEnds = Math.max(base.troubleEnds, base.timing.ttl * random.between(4, 7));
  const draw = new ClusterDraw(random, { ...base, troubleEnds });
  const { weather } = base;
  const isCalm = random.chance(0.5);
  const actions = base.actions.flatMap((action) =>
    kept.has(action.does) ? [draw.placed(action)] : [],
  );
  return {
    ...base,
    actions: [...actions, ...draw.changes()].sort((one, other) => one.at - other.at),
    cluster: draw.plan(),
    weather: isCalm ? { ...weather, lost: 0, answerLost: 0, late: 0, twice: 0 } : weather,
    troubleEnds,
  };
}

/** Draws the nodes, and what happens to them. All of it is over when the trouble ends. */
class ClusterDraw {
  readonly #random: Random;
  readonly #scenario: Scenario;

  constructor(random: Random, scenario: Scenario) {
    this.#random = random;
    this.#scenario = scenario;
  }

  plan(): ClusterPlan {
    const random = this.#random;
    const { servers, timing } = this.#scenario;
    const [first] = servers;
    if (first === undefined) throw new Error("There is no server to begin with.");
    const nodes = Array.from({ length: NODES }, (_, node) => ({
      ...first,
      offset: timing.ttl * random.between(-0.2, 0.2),
      isKnown: first.isKnown && node < SHARDS,
    }));
    return {
      servers: nodes,
      lag: random.pick([1, 1, 20, timing.ttl * 0.1]),
      minReplicas: random.pick([0, 0, 0, 1]),
      needsAll: random.chance(0.5),
    };
  }

  /** The action, at any of the nodes. */
  placed(action: Action): Action {
    const isOfServer =
      action.does === "partition" || action.does === "sever" || action.does === "freeze";
    return isOfServer ? { ...action, server: this.#random.whole(0, NODES - 1) } : action;
  }

  /** Failovers, of which the second may lead back, and moves of slots. */
  changes(): Action[] {
    const random = this.#random;
    const { timing, troubleEnds, candidates } = this.#scenario;
    const elections = 1 + Math.max(...candidates.map(({ election = 0 }) => election));
    const number = random.pick([1, 2, 2, 3]);
    // Most things happen where the first election is.
    const busy = 2;
    return Array.from({ length: number }, () => {
      const at = random.between(0.2 * timing.ttl, troubleEnds - timing.ttl);
      if (random.chance(0.4)) return [this.#move(at, random.whole(0, elections - 1))];
      const shard = random.chance(0.7) ? busy : random.whole(0, SHARDS - 1);
      return this.#failover(at, shard + (random.chance(0.7) ? SHARDS : 0));
    }).flat();
  }

  #move(at: number, election: number): Action {
    const random = this.#random;
    const within = this.#within(at, random.between(0.1, 1.5));
    const moved = within(0, 0.5);
    const ended = random.chance(0.2) ? undefined : moved + within(0, 0.2);
    return {
      ...({ at, does: "migrate", server: random.whole(0, SHARDS - 1), election } as const),
      ...{ moved, ended, informed: this.#informed(within, 0.3) },
    };
  }

  #failover(at: number, server: number): Action[] {
    const random = this.#random;
    const ttls = random.between(0.3, 4);
    const within = this.#within(at, ttls);
    const voted = within(0, 0.1);
    const promotion: Action = {
      ...({ at, does: "promote", server } as const),
      former: random.pick(["killed", "paused", "paused", "cut off", "cut off"]),
      for: within(0.1, 0.9),
      demoted: within(0.5, 0.9),
      followed: 0,
      informed: this.#informed(within, 0.8),
      voted,
    };
    const former = (server + SHARDS) % NODES;
    return [promotion, ...this.#cuts(at, ttls, former)];
  }

  /** Some processes reach the former primary alone. */
  #cuts(at: number, ttls: number, former: number): Action[] {
    const random = this.#random;
    const { timing, troubleEnds, processes } = this.#scenario;
    const begins = Math.max(0, at - timing.ttl * random.between(0, 0.3));
    const lasts = Math.min(timing.ttl * ttls * random.between(0.5, 1.2), troubleEnds - begins);
    return processes.flatMap((_, process): Action[] => {
      if (random.chance(0.6)) return [];
      return Array.from({ length: NODES }, (_, server) => server)
        .filter((server) => server !== former && random.chance(0.9))
        .map((server) => ({ at: begins, does: "partition", process, server, for: lasts }));
    });
  }

  #informed(within: (least: number, most: number) => number, latest: number): number[] {
    return Array.from({ length: NODES }, () => within(0, latest * this.#random.between(0, 1)));
  }

  /** Draws times within so many ttls from then on. Three of them after each other are over when the trouble is. */
  #within(at: number, ttls: number): (least: number, most: number) => number {
    const { timing, troubleEnds } = this.#scenario;
    const most = Math.min(timing.ttl * ttls, troubleEnds - at);
    return (least, greatest) => most * this.#random.between(least, greatest);
  }
}
