import { type ElectionState, initialState, isLeading } from "../../src/election/state.ts";
import type { Consent, Vote } from "../../src/stores/redis/redis-node.ts";
import { type Identity, type Reply, serverOf } from "../redis/execution.ts";
import type { Memory } from "../redis/memory.ts";
import { type Budget, type Instance, nothingHappens } from "./instance.ts";

/** One server. Its clock is the world's. */
export interface Server {
  readonly memory: Memory;
  /** How often it was restarted, which its run_id says. */
  readonly life: number;
  /** What a restart with an older memory brings back. */
  readonly snapshot: Memory | undefined;
}

/** A command that a candidate sent. */
export interface Request {
  readonly kind: "acquire" | "renew" | "release";
  readonly attempt: number;
  readonly sentAt: number;
  readonly notAfter: number;
  /** Of renew, the term's token; of acquire, what the new one must be above, or the one proposed. */
  readonly token: number;
}

/** A request whose answers are waited for. */
export interface Awaited extends Request {
  /** What the servers have answered so far, by number. Of one server alone, nothing is kept. */
  readonly heard: readonly (Vote | Consent | "released" | undefined)[];
  /** The servers whose answers count as votes. */
  readonly votes: readonly number[];
  /** A majority has granted or renewed. What the others say may still be a vote more. */
  readonly isWon: boolean;
}

/** The votes on which the trust in a term rests. */
export interface Trust {
  readonly attempt: number;
  readonly sentAt: number;
  readonly votes: readonly number[];
}

/** Somebody who wants to lead. */
export interface Candidate {
  readonly election: ElectionState;
  /** What it waits for an answer to. */
  readonly requests: readonly Awaited[];
  /** The largest token that it has seen. */
  readonly seen: number;
  /** It was told that it leads, and not yet that it does so no more. */
  readonly told: boolean;
  /** The life of each server by its last answer. */
  readonly lives: readonly number[];
  /** Of several servers. */
  readonly trust: Trust | undefined;
}

/** On its way, for any length of time; a message that is lost is on its way for ever. */
export interface Message {
  readonly candidate: number;
  readonly server: number;
  readonly request: Request;
  /** The life of the server that the command is meant for. */
  readonly life: number;
  /** Of an answer. */
  readonly reply: readonly Reply[] | undefined;
}

/** Everything at one moment. Immutable. */
export interface World {
  readonly now: number;
  readonly servers: readonly Server[];
  readonly candidates: readonly Candidate[];
  readonly messages: readonly Message[];
  readonly spent: Budget;
  /** Of the last term that began. */
  readonly lastToken: number;
  /** What must never happen, and has. */
  readonly violation: string | undefined;
}

/** Long enough after the beginning of time for a server that remembers to have no quarantine. */
export const START = 10;

/** The world before anybody has started. */
export function emptyWorld({ attempts, servers }: Instance): World {
  const stamp = { type: "hash", fields: { run: serverOf(identityOf(0)), since: "0" } } as const;
  const server: Server = { memory: new Map([["stamp", stamp]]), life: 0, snapshot: undefined };
  const candidate: Candidate = {
    election: initialState,
    requests: [],
    seen: 0,
    told: false,
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

/** Its run_id begins anew with every life of the server. */
export function identityOf(life: number): Identity {
  return { run: `a${life}`, data: "d", mode: "standalone", version: 7, evicts: false };
}

/** Of the name that the scripts call a server by. */
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

/** Who answers `isLeader()` with true. */
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

/** Whether the candidate that sent it still waits for the answer. */
export function isAwaited({ candidates }: World, { candidate, request }: Message): boolean {
  return candidates[candidate]?.requests.some((other) => isSame(other, request)) === true;
}

/** The candidate that waits no longer for this answer. */
export function waitingNoLonger(candidate: Candidate, request: Request): Candidate {
  const at = candidate.requests.findIndex((other) => isSame(other, request));
  return { ...candidate, requests: candidate.requests.filter((_, index) => index !== at) };
}

/** Two that are sent at the same moment cannot be told apart, and need not be. */
export function isSame(one: Request, other: Request): boolean {
  return one.sentAt === other.sentAt && one.attempt === other.attempt && one.kind === other.kind;
}
