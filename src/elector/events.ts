import type { LossReason } from "../election/state.ts";
import type { StoreError } from "../errors.ts";
import { checkFunction, invalid, nearest } from "../input.ts";
import type { LeaderInfo, Term } from "./terms/term.ts";

/** What an elector emits besides the leadership callbacks. No event is named `error`, so listening is optional. */
export interface ElectorEvents {
  /**
   * A term of this process began. `vacancy` is for how many ms there had been no leader, as far as this
   * process saw it: since its own last term, a release that it heard of, or the end of the last
   * lease that it was refused for. `undefined` if it saw no leader go.
   */
  readonly elected: { readonly term: Term; readonly vacancy: number | undefined };
  /** A term of this process ended, after it had `lasted` so many ms. */
  readonly deposed: { readonly term: Term; readonly reason: LossReason; readonly lasted: number };
  /**
   * The lease was renewed; `took` is the round trip in ms. Also while the work of a term that was given
   * up drains: the lease is kept for it, though `term` is over.
   */
  readonly renewed: { readonly term: Term; readonly took: number };
  /** A request to the store failed after `took` ms. The elector goes on. */
  readonly storeError: {
    readonly operation: StoreOperation;
    readonly error: StoreError;
    readonly took: number;
  };
  /**
   * Requests of this kind work again after one or more `storeError`: one succeeded, or the campaign
   * goes on with another of its kinds (`acquire`, `renew`).
   */
  readonly storeRecovered: { readonly operation: StoreOperation };
  /** Another leader than before was seen: this process, or the holder named in a refusal. */
  readonly leaderChanged: { readonly leader: LeaderInfo };
  /**
   * Another process leads with a `ttl` that is not this candidate's. All candidates of a key must have the same: after
   * a loss of the store's data, each waits as long as its own. Emitted once for each such `ttl`, both in ms.
   */
  readonly ttlMismatch: {
    readonly leader: LeaderInfo;
    readonly ttl: number;
    readonly ownTtl: number;
  };
  /** The store grants no lease for `retryIn` ms, because it lost its data. */
  readonly quarantined: { readonly retryIn: number };
  /**
   * The work of a term that is over, or what a callback returned, has not settled within `drainTimeout`. No campaign
   * before the work has.
   */
  readonly drainTimeout: { readonly term: Term };
  /** A callback, a listener or abandoned work threw or rejected. */
  readonly callbackError: { readonly error: unknown };
}

/** What was asked of a store. */
export type StoreOperation = "acquire" | "renew" | "release" | "read";

/** The name of an event: `elected`, `deposed`, … */
export type ElectorEventName = keyof ElectorEvents;

/** A record rather than a list, so that the compiler finds an event that is missing. */
const isEvent: { readonly [Name in ElectorEventName]: true } = {
  elected: true,
  deposed: true,
  renewed: true,
  storeError: true,
  storeRecovered: true,
  leaderChanged: true,
  ttlMismatch: true,
  quarantined: true,
  drainTimeout: true,
  callbackError: true,
};

type Listener<Name extends ElectorEventName> = (event: ElectorEvents[Name]) => void;

type Listeners = { [Name in ElectorEventName]?: Set<Listener<Name>> };

/** What listeners need of an elector: metrics, logs and health attach here. */
export interface EventSource {
  on<Name extends ElectorEventName>(name: Name, listener: Listener<Name>): () => void;
}

/** Typed events. A listener that throws is reported as `callbackError`, and the others still run. */
export class Events implements EventSource {
  #listeners: Listeners | undefined;

  on<Name extends ElectorEventName>(name: Name, listener: Listener<Name>): () => void {
    checkEvent(name);
    checkFunction("listener", listener, `elector.on("${name}", (event) => console.log(event))`);
    const own: Listener<Name> = (event) => listener(event); // So that registering twice counts twice.
    const listeners: Set<Listener<Name>> = this.#listeners?.[name] ?? new Set<Listener<Name>>();
    listeners.add(own);
    this.#listeners = { ...this.#listeners, [name]: listeners };
    return () => {
      listeners.delete(own);
    };
  }

  emit<Name extends ElectorEventName>(name: Name, event: ElectorEvents[Name]): void {
    const listeners: Set<Listener<Name>> | undefined = this.#listeners?.[name];
    if (listeners === undefined) return;
    for (const listener of [...listeners]) {
      // A reporter that fails cannot be reported.
      void guard(
        () => listener(event),
        (error) => name !== "callbackError" && this.emit("callbackError", { error }),
      );
    }
  }
}

/** With a misspelled name, a listener would never be called. */
function checkEvent(name: string): void {
  if (Object.hasOwn(isEvent, name)) return;
  const names = Object.keys(isEvent);
  const near = nearest(String(name), names);
  throw invalid({
    name: "event",
    rule: near === undefined ? "is not known" : `is not known; did you mean "${near}"?`,
    value: name,
    example: names.join(", "),
  });
}

/**
 * Runs a function of the user's; whether it throws or rejects, only `report` gets it. Returns a promise that fulfils
 * when what it returned has settled, if that was one.
 */
export function guard(
  run: () => unknown,
  report: (error: unknown) => void,
): Promise<unknown> | undefined {
  try {
    const result = run();
    // `then` is called once: a query builder runs its query on each call.
    if (isThenable(result)) return Promise.resolve(result).then(undefined, report);
  } catch (error) {
    report(error);
  }
  return undefined;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
