import { type ElectionState, initialState, isLeading } from "../../src/election/state.ts";
import type { Consent, Vote } from "../../src/stores/redis/redis-node.ts";
import { type Identity, type Reply, serverOf } from "../redis/execution.ts";
import type { Memory } from "../redis/memory.ts";
import { type Budget, type Instance, nothingHappens } from "./instance.ts";

/** One server. Its clock is the world's time. */
export interface Server {
  readonly memory: Memory;
  /** How often it was restarted, which its run_id shows. */
  readonly life: number;
  /** The data that a restart with older data restores. */
  readonly snapshot: Memory | undefined;
}

/** A command from a candidate. */
export interface Request {
  readonly kind: "acquire" | "renew" | "release";
  readonly attempt: number;
  readonly sentAt: number;
  readonly notAfter: number;
  /** For renew, the token of the term. For acquire, the proposed token, or the one it must exceed. */
  readonly token: number;
}

/** A request whose answers a candidate waits for. */
export interface Awaited extends Request {
  /** The answers so far, by the number of the server. Not used with only one server. */
  readonly heard: readonly (Vote | Consent | "released" | undefined)[];
  /** The servers whose answers count as votes. */
  readonly votes: readonly number[];
  /** Whether a majority has granted or renewed. Later answers may add votes. */
  readonly isWon: boolean;
}

/** The votes on which the trust in a term is based. */
export interface Trust {
  readonly attempt: number;
  readonly sentAt: number;
  readonly votes: readonly number[];
}

/** A candidate. */
export interface Candidate {
  readonly election: ElectionState;
  /** The request for which it awaits an answer. */
  readonly requests: readonly Awaited[];
  /** The largest token that it has seen. */
  readonly seen: number;
  /** Whether it has emitted `elected`, and not yet `deposed`. */
  readonly believes: boolean;
  /** The life of each server according to its last answer. */
  readonly lives: readonly number[];
  /** Only used with several servers. */
  readonly trust: Trust | undefined;
}

/** A message under way, for any length of time; a lost one is under way for ever. */
export interface Message {
  readonly candidate: number;
  readonly server: number;
  readonly request: Request;
  /** The life of the server that the command is meant for. */
  readonly life: number;
  /** The reply; only in an answer. */
  readonly reply: readonly Reply[] | undefined;
}

/** The state of everything at one moment. Immutable. */
export interface World {
  readonly now: number;
  readonly servers: readonly Server[];
  readonly candidates: readonly Candidate[];
  readonly messages: readonly Message[];
  readonly spent: Budget;
  /** The token of the last term that began. */
  readonly lastToken: number;
  /** A violated promise. */
  readonly violation: string | undefined;
}

/** Late enough for a server with its data to have no quarantine. */
export const START = 10;

/** The world before any candidate has started. */
export function emptyWorld({ attempts, servers }: Instance): World {
  const stamp = { type: "hash", fields: { run: serverOf(identityOf(0)), since: "0" } } as const;
  const server: Server = { memory: new Map([["stamp", stamp]]), life: 0, snapshot: undefined };
  const candidate: Candidate = {
    election: initialState,
    requests: [],
    seen: 0,
    believes: false,
    lives: Array.from({ length: servers }, () => 0),
    trust: undefined,
  };
  return {
    now: START,
    servers: Array.from({ length: servers }, () => server),
    candidates: attempts.map(() => candidate),
    messages: [],
    spent: nothingHappens,
    lastToken: 0,
    violation: undefined,
  };
}

/** The run_id, which is different in every life of the server. */
export function identityOf(life: number): Identity {
  return { run: `a${life}`, data: "d", mode: "standalone", version: 7, evicts: false };
}

/** The name by which the scripts identify a server. */
export function lifeOf(server: string): number {
  return Number(/^a(\d+):/.exec(server)?.[1]);
}

export function withCandidate(world: World, index: number, candidate: Candidate): World {
  return { ...world, candidates: replaced(world.candidates, index, candidate) };
}

export function withServer(world: World, index: number, server: Server): World {
  return { ...world, servers: replaced(world.servers, index, server) };
}

export function spend(world: World, what: keyof Budget): World {
  return { ...world, spent: { ...world.spent, [what]: world.spent[what] + 1 } };
}

export function violated(world: World, violation: string): World {
  return { ...world, violation: world.violation ?? violation };
}

/** The candidates whose `isLeader()` returns true. */
export function leadersOf({ candidates, now }: World): number[] {
  const leaders: number[] = [];
  for (const [index, { election }] of candidates.entries()) {
    if (isLeading(election, now)) leaders.push(index);
  }
  return leaders;
}

export function replaced<T>(list: readonly T[], index: number, value: T): readonly T[] {
  const copy = [...list];
  copy[index] = value;
  return copy;
}

/** Whether its sender still waits for the answer. */
export function isAwaited({ candidates }: World, { candidate, request }: Message): boolean {
  return candidates[candidate]?.requests.some((other) => isSame(other, request)) === true;
}

/** The candidate after it has stopped waiting for this answer. */
export function waitingNoLonger(candidate: Candidate, request: Request): Candidate {
  const at = candidate.requests.findIndex((other) => isSame(other, request));
  return { ...candidate, requests: candidate.requests.filter((_, index) => index !== at) };
}

/** Two messages of the same moment are indistinguishable, which does no harm. */
export function isSame(one: Request, other: Request): boolean {
  return one.sentAt === other.sentAt && one.attempt === other.attempt && one.kind === other.kind;
}
