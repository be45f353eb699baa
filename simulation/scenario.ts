import type { TakenOver } from "./machines.ts";

// A run as plain data, which can be stored, shortened and replayed.

/** The options of all electors of a run, in ms. */
export interface ScenarioTiming {
  readonly ttl: number;
  readonly renewalInterval: number;
  readonly safetyMargin: number;
  readonly driftFactor: number;
  readonly drainTimeout: number;
}

/** The reaction of a callback: harmless, or something that a callback should not do. */
export type Reaction =
  | { readonly does: "nothing" | "throws" | "rejects" | "stops" | "resigns" }
  /** Blocks the event loop for so many ms; or returns a promise that settles then. */
  | { readonly does: "blocks" | "lasts"; readonly for: number };

/** The behaviour of the work of `lead`. */
export interface WorkPlan {
  /** How long it takes if it is not aborted, in ms. */
  readonly lasts: number;
  /** Whether it ends when its signal is aborted. */
  readonly heedsSignal: boolean;
  readonly throws: boolean;
}

/** One elector and its user. */
export interface CandidatePlan {
  /** Several candidates may have the same one. */
  readonly nodeId: string;
  /** The process in which it runs, and with whose other candidates it shares a store. */
  readonly process: number;
  /**
   * The election in which it stands, counted from 0. Each has a key of its own.
   * @defaultValue 0
   */
  readonly election?: number;
  /** The reactions to the first election, the second and so on. After the last one they start over. */
  readonly gains: readonly Reaction[];
  readonly losses: readonly Reaction[];
}

/** A process on its own machine. */
export interface ProcessPlan {
  /** The rate of its machine's clocks. 1 is the world's time. */
  readonly rate: number;
}

/** A Redis server on its own machine. */
export interface ServerPlan {
  readonly rate: number;
  /** The offset of its wall clock from that of the others, in ms. */
  readonly offset: number;
  /** Whether electors have used it before, so that it has the scripts and the first election does not wait. */
  readonly isKnown: boolean;
  /** Whether it evicts keys when it is full, as under `allkeys-*`. */
  readonly evicts: boolean;
}

/** A register with compare-and-set and no clock. */
export interface RegisterPlan {
  /** Whether there was an earlier leader, so that the first election does not wait. */
  readonly isFounded: boolean;
  /**
   * Whether the dates of all machines agree, from which tokens come that the register has forgotten.
   */
  readonly datesAgree: boolean;
}

/** An SQL database in the place of Redis. */
export type Database = "postgres" | "mysql";

/** What the only server is, if not a Redis server by itself. */
export type Store = Database | "sentinel" | "cluster";

/** Servers of which some follow others, in the place of the only server. */
interface ReplicationPlan {
  readonly servers: readonly ServerPlan[];
  /** How long a message between two servers takes at most, in ms. */
  readonly lag: number;
  /** The option of the store. */
  readonly minReplicas: number;
}

/** The first is the primary of the others, and three Sentinels watch over them. */
export interface SentinelPlan extends ReplicationPlan {}

/** A Redis Cluster of three primaries, followed by a replica of each in the same order. */
export interface ClusterPlan extends ReplicationPlan {
  /** Whether all of them refuse requests while a primary has failed, as by default (`cluster-require-full-coverage`). */
  readonly needsAll: boolean;
}

/** An action at a given time: by a user, or a fault of a process, the network or a server. */
export type Action = { readonly at: number } & (
  | { readonly does: "start" | "stop" | "resign"; readonly candidate: number }
  | { readonly does: "lead"; readonly candidate: number; readonly work: WorkPlan }
  /** The process is paused, as by SIGSTOP. */
  | { readonly does: "pause"; readonly process: number; readonly for: number }
  /** The machine sleeps. */
  | { readonly does: "suspend"; readonly process: number; readonly for: number }
  /** The process is killed, and another one with the same candidates takes its place. */
  | { readonly does: "crash"; readonly process: number; readonly for: number }
  | { readonly does: "jump-wall"; readonly process: number; readonly by: number }
  | { readonly does: "set-rate"; readonly process: number; readonly rate: number }
  /** Its connections to the server are closed. */
  | { readonly does: "sever"; readonly process: number; readonly server: number }
  /** All messages are lost, and neither side notices. */
  | {
      readonly does: "partition";
      readonly process: number;
      readonly server: number;
      readonly for: number;
    }
  /**
   * A replica is promoted, with what it has by then. What else happens, and so many ms later. Nothing happens if the last
   * promotion still has consequences ahead.
   */
  | {
      readonly does: "promote";
      readonly server: number;
      /** What has become of the former primary: if it was cut off, it goes on. */
      readonly former: "killed" | "paused" | "cut off";
      /** For how long it is down or paused. */
      readonly for: number;
      /** When it is made a replica, if it answers by then. */
      readonly demoted: number;
      /** When the other replicas follow the new primary. */
      readonly followed: number;
      /** When each Sentinel, or each node of the cluster, learns of it. */
      readonly informed: readonly number[];
      /** In a cluster: how long after the other primaries have flagged the former one and voted. */
      readonly voted?: number;
    }
  /**
   * In a cluster: the slot of an election is moved to the primary of that node's shard. The first times are so many ms
   * later. Nothing happens if a failover or another move has consequences ahead.
   */
  | {
      readonly does: "migrate";
      readonly server: number;
      readonly election: number;
      /** When the last of its keys is moved. */
      readonly moved: number;
      /** When the new owner learns that the slot is its own. Without it, the slot stays as it is by then. */
      readonly ended?: number | undefined;
      /** When each other node learns of that, after the new owner. */
      readonly informed: readonly number[];
    }
  /** The server stops answering, as by SIGSTOP, and later executes what arrived meanwhile. */
  | { readonly does: "freeze"; readonly server: number; readonly for: number }
  /** Saves the data to which `restart` and `fail-over` with older data will return. */
  | { readonly does: "snapshot"; readonly server: number }
  | {
      readonly does: "restart";
      readonly server: number;
      readonly for: number;
      readonly memory: "kept" | "lost" | "older";
    }
  /** A replica takes its place, with another clock, and data that may be older. */
  | {
      readonly does: "fail-over";
      readonly server: number;
      readonly for: number;
      readonly memory: "kept" | "older";
      readonly skew: number;
    }
  /**
   * Its address leads to the other machine from now on: by a load balancer, with its `own` data, or by a
   * promotion, with the data of the previous one. A second such action switches back.
   */
  | { readonly does: "switch"; readonly server: number; readonly memory: TakenOver }
  /** Its clock is set back. */
  | { readonly does: "set-back"; readonly server: number; readonly by: number }
  /** Its clock is set forward, which the guarantees exclude. Never drawn from a seed. */
  | { readonly does: "set-forward"; readonly server: number; readonly by: number }
  /** The server is full and evicts a key, if it evicts at all. */
  | { readonly does: "evict"; readonly server: number; readonly what: "lease" | "stamp" }
  /** The register is down, and then as it was so long before: a backup was restored, or nothing lost. */
  | { readonly does: "set-register-back"; readonly for: number; readonly back: number }
  /** An operator deletes the record of the election from the register. */
  | { readonly does: "remove" }
  /** Another transaction of the database has a row of the election. */
  | {
      readonly does: "lock-row";
      readonly server: number;
      readonly table: "elections" | "fences";
      readonly for: number;
    }
  /** FLUSHALL, or DEL of the election's key; TRUNCATE, or DELETE of its row. */
  | { readonly does: "flush" | "delete"; readonly server: number }
);

/** The fate of one message and its answer. Delays are in ms; `undefined` means that it never arrives. */
export interface Fate {
  readonly there: number | undefined;
  readonly back: number | undefined;
  /** It arrives again, so many ms later. */
  readonly again?: number | undefined;
}

/** The frequency of each fault of messages. */
export interface Weather {
  /** The usual delay one way, in ms. */
  readonly delay: number;
  readonly lost: number;
  readonly answerLost: number;
  readonly late: number;
  readonly twice: number;
  /** The longest delay of a late message, in ms. */
  readonly latest: number;
}

/** A whole run. */
export interface Scenario {
  /** Everything that the scenario does not specify is drawn from it. */
  readonly seed: number;
  readonly timing: ScenarioTiming;
  /** None if there is a register. */
  readonly servers: readonly ServerPlan[];
  readonly register?: RegisterPlan | undefined;
  /** What the only server is, if not Redis. */
  readonly database?: Database | undefined;
  /** Where a proxy before the database leads to at times: another one of the same kind, with data of its own. */
  readonly second?: Pick<ServerPlan, "isKnown"> | undefined;
  /** What the only server is in truth, if Sentinels watch over it. */
  readonly sentinel?: SentinelPlan | undefined;
  /** The same, if it is a cluster. */
  readonly cluster?: ClusterPlan | undefined;
  readonly processes: readonly ProcessPlan[];
  readonly candidates: readonly CandidatePlan[];
  readonly actions: readonly Action[];
  readonly weather: Weather;
  /** Whether each store looks at itself when its first elector has an answer. If not given, none does. */
  readonly examines?: boolean | undefined;
  /**
   * The fates of single messages, by process and number, such as `"0:17"`. All others are prompt. Without
   * this, the weather decides.
   */
  readonly fates?: Readonly<Record<string, Fate>> | undefined;
  /** When all faults end, in ms. Soon after that there must be a leader. */
  readonly troubleEnds: number;
}
