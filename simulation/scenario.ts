import type { TakenOver } from "./machines.ts";

// What one run consists of, as plain data: it can be stored, shortened and run again.

/** How the electors of a run are set, in ms. The same for all of them. */
export interface ScenarioTiming {
  readonly ttl: number;
  readonly renewalInterval: number;
  readonly safetyMargin: number;
  readonly driftFactor: number;
  readonly drainTimeout: number;
}

/** What a candidate does about being told: nothing much, or what a user's callback should not do. */
export type Reaction =
  | { readonly does: "nothing" | "throws" | "rejects" | "stops" | "resigns" }
  /** Keeps the event loop for so long. */
  | { readonly does: "blocks"; readonly for: number };

/** How work given to `lead` behaves. */
export interface WorkPlan {
  /** How long it takes if it is left alone. */
  readonly lasts: number;
  /** Ends when its signal is aborted; otherwise it goes on to its end. */
  readonly heedsSignal: boolean;
  readonly throws: boolean;
}

/** One elector and its user. */
export interface CandidatePlan {
  /** Several may have the same one. */
  readonly nodeId: string;
  /** The process that it lives in, and with whose other candidates it shares a store. */
  readonly process: number;
  /** The reactions to the first gain, the second and so on, from the beginning again after the last. */
  readonly gains: readonly Reaction[];
  readonly losses: readonly Reaction[];
}

/** A process, on a machine of its own. */
export interface ProcessPlan {
  /** How fast its machine's clocks run: 1 is the world's time. */
  readonly rate: number;
}

/** A Redis server, on a machine of its own. */
export interface ServerPlan {
  readonly rate: number;
  /** How far its wall clock is from the others', in ms. */
  readonly offset: number;
  /** Electors have used it for long: it knows the scripts, and a first election need not wait. */
  readonly isKnown: boolean;
  /** It drops keys when it is full, as under `allkeys-*`. */
  readonly evicts: boolean;
}

/** Something that is done at a moment: by a user, to a process, to the network or to a server. */
export type Action = { readonly at: number } & (
  | { readonly does: "start" | "stop" | "resign"; readonly candidate: number }
  | { readonly does: "lead"; readonly candidate: number; readonly work: WorkPlan }
  /** Kept from running, as by SIGSTOP. */
  | { readonly does: "pause"; readonly process: number; readonly for: number }
  /** The machine sleeps. */
  | { readonly does: "suspend"; readonly process: number; readonly for: number }
  /** Ends without a word; another process takes its place, with the same candidates. */
  | { readonly does: "crash"; readonly process: number; readonly for: number }
  | { readonly does: "jump-wall"; readonly process: number; readonly by: number }
  | { readonly does: "set-rate"; readonly process: number; readonly rate: number }
  /** Its connections to the server are closed. */
  | { readonly does: "sever"; readonly process: number; readonly server: number }
  /** Nothing comes through, and nobody is told. */
  | {
      readonly does: "partition";
      readonly process: number;
      readonly server: number;
      readonly for: number;
    }
  /** Answers nothing, as by SIGSTOP; carries out afterwards what came meanwhile. */
  | { readonly does: "freeze"; readonly server: number; readonly for: number }
  /** What `restart` and `fail-over` with an older memory will go back to. */
  | { readonly does: "snapshot"; readonly server: number }
  | {
      readonly does: "restart";
      readonly server: number;
      readonly for: number;
      readonly memory: "kept" | "lost" | "older";
    }
  /** A replica takes its place: another clock, and a memory that may lag behind. */
  | {
      readonly does: "fail-over";
      readonly server: number;
      readonly for: number;
      readonly memory: "kept" | "older";
      readonly skew: number;
    }
  /**
   * Its address leads to the other machine from now on: by a load balancer, with a memory of its `own`, or
   * promoted, with that of the one before. By a second one, back again.
   */
  | { readonly does: "switch"; readonly server: number; readonly memory: TakenOver }
  /** Its clock is set back. */
  | { readonly does: "set-back"; readonly server: number; readonly by: number }
  /** Its clock is set forward, against what the guarantees ask for; never drawn by seed. */
  | { readonly does: "set-forward"; readonly server: number; readonly by: number }
  /** It is full, and drops a key; only one that evicts does. */
  | { readonly does: "evict"; readonly server: number; readonly what: "lease" | "stamp" }
  /** FLUSHALL, or DEL of the election's key. */
  | { readonly does: "flush" | "delete"; readonly server: number }
);

/** What becomes of one message and of its answer. Delays in ms; `undefined`: it never arrives. */
export interface Fate {
  readonly there: number | undefined;
  readonly back: number | undefined;
  /** It arrives a second time, so much later. */
  readonly again?: number | undefined;
}

/** How often what happens to messages. */
export interface Weather {
  /** The usual delay one way, in ms. */
  readonly delay: number;
  readonly lost: number;
  readonly answerLost: number;
  readonly late: number;
  readonly twice: number;
  /** How late a late one may be. */
  readonly latest: number;
}

/** A whole run. */
export interface Scenario {
  /** Everything that is not written down here is drawn from it. */
  readonly seed: number;
  readonly timing: ScenarioTiming;
  readonly servers: readonly ServerPlan[];
  readonly processes: readonly ProcessPlan[];
  readonly candidates: readonly CandidatePlan[];
  readonly actions: readonly Action[];
  readonly weather: Weather;
  /**
   * The fate of single messages, by process and number, as `"0:17"`; the others are prompt. Without it,
   * the weather decides.
   */
  readonly fates?: Readonly<Record<string, Fate>> | undefined;
  /** When all trouble ends, in ms. After that somebody has to lead soon. */
  readonly troubleEnds: number;
}
