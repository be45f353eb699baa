import {
  forgets,
  kinds,
  kindsOfDatabase,
  kindsOfRegister,
  kindsOfSeveral,
} from "./action-kinds.ts";
import { withFurtherElections } from "./further-elections.ts";
import { absentOnce } from "./observed/absent-once.ts";
import { Random } from "./random.ts";
import { drawReactions } from "./reactions.ts";
import type {
  Action,
  CandidatePlan,
  Database,
  ProcessPlan,
  RegisterPlan,
  Scenario,
  ScenarioTiming,
  ServerPlan,
  Weather,
  WorkPlan,
} from "./scenario.ts";

/** The shortest sleep in ms: real machines sleep longer, and their clocks cannot resolve a shorter one. */
const SHORTEST_SLEEP = 60;

/**
 * Makes the scenario of a seed for the given number of servers, which are Redis unless there is a `database`, or for a
 * register if there are none. It is short and
 * full of faults, since many short runs find more rare errors than one long run.
 */
export function generateScenario(seed: number, servers = 1, database?: Database): Scenario {
  const random = new Random(seed, 0);
  const timing = drawTiming(random);
  const server: ServerPlan = {
    rate: servers === 0 ? 1 : drawServerRate(random, timing),
    offset: 0,
    isKnown: random.chance(0.85),
    evicts: random.chance(0.15),
  };
  // Without a server, the clocks of two processes must agree, rather than each with that of the server.
  const pace = servers === 0 ? { ...timing, driftFactor: timing.driftFactor / 2 } : timing;
  const crowd = random.pick([2, 2, 2, 3, 3, 4]);
  const processes = Array.from({ length: crowd }, () => drawProcess(random, pace, server));
  const candidates = drawCandidates(random, timing, crowd);
  const troubleEnds = Math.round(timing.ttl * random.between(2, 5));
  const all = servers === 0 ? [] : [server, ...drawOthers(seed, servers, timing, server)];
  const cast = { processes, candidates, pace, first: server, servers: all, database };
  const draw = new ActionDraw(random, timing, troubleEnds, cast);
  const actions = [...draw.starts(), ...draw.troubles()].sort((one, other) => one.at - other.at);
  return withFurtherElections({
    ...{ seed, timing, servers: all, processes, candidates, actions },
    ...(database !== undefined && { database }),
    ...(servers === 0 && { register: registerFor(server, actions) }),
    weather: drawWeather(random, timing.ttl),
    // From a stream of its own: what else a seed means stays as it was.
    ...(database === undefined && new Random(seed, 6).chance(0.2) && { examines: true }),
    troubleEnds,
  });
}

/**
 * Tokens grow after a loss of data only if the dates of the machines agree. A record that is deleted was there from the
 * beginning: one absence looks like another, which is a documented limit.
 */
function registerFor({ isKnown }: ServerPlan, actions: readonly Action[]): RegisterPlan {
  const isFounded = isKnown || actions.some(({ does }) => does === "remove");
  return { isFounded, datesAgree: actions.some(({ does }) => forgets.has(does)) };
}

function drawTiming(random: Random): ScenarioTiming {
  const ttl = random.pick([100, 150, 200, 300, 400]);
  // Without a safety margin, an error in the drift margin becomes visible.
  const driftFactor = random.pick([0, 0.01, 0.1, 0.2]);
  const safetyMargin = random.chance(0.6) ? 0 : Math.round(ttl * random.pick([0.1, 0.3]));
  const margin = Math.max(ttl * driftFactor + 2, safetyMargin);
  const longest = Math.floor((ttl - margin) / 1.5);
  const renewalInterval = Math.min(longest, Math.round(ttl * random.pick([0.3, 0.3, 0.15, 0.6])));
  const drainTimeout = Math.round(ttl * random.pick([0, 0.5, 1, 3]));
  return { ttl, renewalInterval, safetyMargin, driftFactor, drainTimeout };
}

function drawServerRate(random: Random, { driftFactor }: ScenarioTiming): number {
  return random.chance(0.5) ? 1 : 1 + driftFactor * random.between(-0.5, 0.5);
}

/**
 * The servers after the first. A floor must be above every token from a clock, so the clocks of servers in
 * one quorum differ by less than half a ttl.
 */
function drawOthers(
  seed: number,
  servers: number,
  { ttl }: ScenarioTiming,
  { rate }: ServerPlan,
): ServerPlan[] {
  const random = new Random(seed, 4);
  return Array.from({ length: servers - 1 }, () => ({
    rate,
    offset: ttl * random.between(-0.2, 0.2),
    isKnown: random.chance(0.9),
    evicts: false,
  }));
}

/** A clock rate that differs from the server's by at most the drift factor, and often by all of it. */
function drawRate(random: Random, { driftFactor }: ScenarioTiming, server: ServerPlan): number {
  const drift = random.chance(0.4) ? random.pick([-1, -1, 1]) : random.between(-1, 1);
  return server.rate * (1 + driftFactor * drift);
}

function drawProcess(random: Random, timing: ScenarioTiming, server: ServerPlan): ProcessPlan {
  return { rate: drawRate(random, timing, server) };
}

function drawCandidates(random: Random, timing: ScenarioTiming, crowd: number): CandidatePlan[] {
  const sameName = random.chance(0.1);
  const number = random.chance(0.15) ? crowd + 1 : crowd;
  return Array.from({ length: number }, (_, index) => ({
    nodeId: sameName ? "node" : `node-${index}`,
    process: index % crowd,
    gains: drawReactions(random, timing),
    losses: drawReactions(random, timing),
  }));
}

function drawWeather(random: Random, ttl: number): Weather {
  const isRough = random.chance(0.5);
  const often = (most: number) => (isRough ? random.between(0, most) : 0);
  return {
    delay: random.pick([0.5, 1, 5, ttl * 0.1]),
    lost: often(0.15),
    answerLost: often(0.15),
    late: often(0.2),
    twice: often(0.2),
    latest: ttl * random.between(0.5, 2.5),
  };
}

interface Cast {
  readonly processes: readonly ProcessPlan[];
  readonly candidates: readonly CandidatePlan[];
  /** How much the rates of the processes' clocks may differ. */
  readonly pace: ScenarioTiming;
  readonly first: ServerPlan;
  readonly servers: readonly ServerPlan[];
  readonly database: Database | undefined;
}

/** Draws the actions and their times. All of them are over when the trouble ends. */
class ActionDraw {
  readonly #random: Random;
  readonly #timing: ScenarioTiming;
  readonly #ends: number;
  readonly #cast: Cast;

  constructor(random: Random, timing: ScenarioTiming, ends: number, cast: Cast) {
    this.#random = random;
    this.#timing = timing;
    this.#ends = ends;
    this.#cast = cast;
  }

  starts(): Action[] {
    const random = this.#random;
    return this.#cast.candidates.map((_, candidate): Action => {
      const at = random.chance(0.7) ? random.between(0, 5) : random.between(0, this.#ends / 2);
      return random.chance(0.25)
        ? { at, does: "lead", candidate, work: this.#work() }
        : { at, does: "start", candidate };
    });
  }

  get #isCrowd(): boolean {
    return this.#cast.servers.length > 1;
  }

  get #kinds() {
    if (this.#cast.servers.length === 0) return kindsOfRegister;
    if (this.#cast.database !== undefined) return kindsOfDatabase;
    return this.#isCrowd ? kindsOfSeveral : kinds;
  }

  #server(): number {
    return this.#isCrowd ? this.#random.whole(0, this.#cast.servers.length - 1) : 0;
  }

  troubles(): Action[] {
    const number = this.#random.whole(1, this.#isCrowd ? 9 : 6);
    const troubles = Array.from({ length: number }, () => this.#trouble()).flat();
    // After a loss of data, tokens grow because of the clock, but not if that is set back as well.
    const kept = troubles.some(({ does }) => forgets.has(does))
      ? troubles.filter(({ does }) => does !== "set-back")
      : troubles;
    if (kept.some(({ does }) => does === "remove")) return absentOnce(kept);
    // A machine that was never demoted does not wait, so its clock must agree with the other one.
    const hasOwn = kept.some((each) => each.does === "switch" && each.memory === "own");
    return hasOwn
      ? kept.map((each) => (each.does === "fail-over" ? { ...each, skew: 0 } : each))
      : kept;
  }

  #trouble(): Action[] {
    const random = this.#random;
    const at = random.between(0, this.#ends);
    const process = random.whole(0, this.#cast.processes.length - 1);
    const candidate = random.whole(0, this.#cast.candidates.length - 1);
    const server = this.#server();
    const lasts = Math.min(this.#timing.ttl * random.between(0.05, 2.5), this.#ends - at);
    const does = random.pick(this.#kinds);
    switch (does) {
      case "start":
      case "stop":
      case "resign":
        return [{ at, does, candidate }];
      case "lead":
        return [{ at, does, candidate, work: this.#work() }];
      case "pause":
      case "crash":
        return [{ at, does, process, for: lasts }];
      case "suspend":
        return [{ at, does, process, for: Math.max(SHORTEST_SLEEP, lasts) }];
      case "jump-wall":
        // A long jump, since one as long as a sleep would be hidden by it, which is a documented limit.
        return [
          { at, does, process, by: random.pick([-1, 1]) * random.between(60_000, 3_600_000) },
        ];
      case "set-rate":
        return [{ at, does, process, rate: drawRate(random, this.#cast.pace, this.#cast.first) }];
      case "sever":
        return [{ at, does, process, server }];
      case "partition":
        return [{ at, does, process, server, for: lasts }];
      case "freeze":
        return [{ at, does, server, for: lasts }];
      case "restart":
      case "fail-over":
        return this.#restart(does, at, server);
      case "switch":
        return this.#switches(at, server);
      case "set-back":
        return [{ at, does, server, by: this.#timing.ttl * random.between(0.1, 3) }];
      case "evict": {
        const what = random.pick(["lease", "lease", "stamp"]);
        return this.#cast.first.evicts ? [{ at, does, server, what }] : this.#trouble();
      }
      case "set-register-back": {
        const back = random.pick([0, this.#timing.ttl * random.between(0, 2.5), 2 * this.#ends]);
        return [{ at, does, for: Math.min(lasts, this.#ends - at) / 4, back }];
      }
      case "lock-row":
        return [{ at, does, server, table: random.pick(["elections", "fences"]), for: lasts }];
      case "remove":
        return [{ at, does }];
      case "flush":
      case "delete":
        return [{ at, does, server }];
    }
  }

  #restart(does: "restart" | "fail-over", at: number, server: number): Action[] {
    const random = this.#random;
    const { ttl } = this.#timing;
    const lasts = Math.min(ttl * random.between(0, 0.5), this.#ends - at);
    const snapshot: Action = { at: at - ttl * random.between(0, 1.5), does: "snapshot", server };
    if (does === "fail-over") {
      const memory = random.pick(["kept", "older", "older"]);
      // The clocks of servers that replace each other differ by less than a ttl.
      const skew = ttl * (this.#isCrowd ? 0 : random.between(-0.4, 0.4));
      return [snapshot, { at, does, server, for: lasts, memory, skew }];
    }
    const memory = random.pick(["kept", "lost", "older"]);
    return [snapshot, { at, does, server, for: lasts, memory }];
  }

  /** Switches to another machine, and usually back to the first. */
  #switches(at: number, server: number): Action[] {
    const random = this.#random;
    const { ttl } = this.#timing;
    // Own data on one of several servers is a documented limit: it may be the deciding vote.
    const ways = ["copied", "older", ...(this.#isCrowd ? [] : (["own", "own"] as const))] as const;
    const there = random.pick(ways);
    const back = random.pick(there === "own" ? (["own", "copied"] as const) : ways);
    const snapshot: Action = { at: at - ttl * random.between(0, 1.5), does: "snapshot", server };
    const first: Action = { at, does: "switch", server, memory: there };
    if (random.chance(0.2)) return [snapshot, first];
    const returns = Math.min(at + ttl * random.between(0, 2), this.#ends);
    return [snapshot, first, { at: returns, does: "switch", server, memory: back }];
  }

  #work(): WorkPlan {
    const random = this.#random;
    return {
      lasts: this.#timing.ttl * random.between(0.1, 3),
      heedsSignal: random.chance(0.6),
      throws: random.chance(0.2),
    };
  }
}
