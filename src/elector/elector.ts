import type { LossReason, ReleaseOutcome } from "../election/state.ts";
import { IncumbentError } from "../errors.ts";
import { logTo } from "../observability/log.ts";
import type { LeaseRecord, LeaseStore } from "../stores/lease-store.ts";
import { type Environment, systemEnvironment } from "./environment.ts";
import { type ElectorEventName, type ElectorEvents, Events } from "./events.ts";
import { lead, type Work } from "./lead.ts";
import { type LeadershipCallback, LeadershipListeners } from "./leadership-listeners.ts";
import { ElectionLoop, type Tell } from "./loop.ts";
import { observe } from "./observe.ts";
import { checkKey, checkStore, type ElectorOptions, parseOptions, type Settings } from "./options.ts";
import { HeldTerm, type LeaderInfo, type Term } from "./term.ts";
import { Waiters } from "./waiters.ts";

/** An operation that a signal can end. */
export interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

/**
 * What became of the lease: given back (`confirmed`), perhaps not (`unconfirmed`: the store did not
 * answer, and the lease ends by itself within its ttl), or there was `none`.
 */
export type Departure = ReleaseOutcome | "none";

/**
 * Takes part in the election of one leader per key, and keeps the office while it can.
 *
 * @example
 * const elector = new Elector(new MemoryStore(), "billing:scheduler", { ttl: 10_000 });
 * elector.onLeadershipChange((isLeader) => console.log(isLeader ? "leading" : "following"));
 * await elector.start();
 */
export class Elector implements AsyncDisposable {
  readonly key: string;
  readonly nodeId: string;
  readonly #settings: Settings;
  readonly #store: LeaseStore;
  readonly #loop: ElectionLoop;
  readonly #events = new Events();
  readonly #listeners: LeadershipListeners;
  readonly #terms = new Waiters<Term>();
  readonly #departures = new Waiters<Departure>();
  /** Aborted when the elector has stopped; then there is a new one. */
  #stopped = new AbortController();
  #term: HeldTerm | undefined;
  #leaderToken: number | undefined;
  #unwatch: () => void = () => {};
  #stopping: Promise<Departure> | undefined;
  #leads = false;

  /**
   * Checks everything and touches nothing: no timer and no connection before `start`.
   *
   * @param store Where the lease is kept. It may serve many electors.
   * @param key Which election: 1 to 512 bytes.
   * @param environment Time and randomness; only tests and simulations pass it.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`, naming the option, the rule, the value and what
   * is usual.
   */
  constructor(
    store: LeaseStore,
    key: string,
    options: ElectorOptions = {},
    environment: Partial<Environment> = {},
  ) {
    this.key = checkKey(key);
    this.#store = checkStore(store);
    this.#settings = parseOptions(options, this.#store.watch !== undefined);
    this.nodeId = this.#settings.nodeId;
    const surroundings = { ...systemEnvironment(), ...environment };
    this.#loop = new ElectionLoop(this.key, this.#settings, store, surroundings, this.#tell());
    this.#listeners = new LeadershipListeners((error) => {
      this.#events.emit("callbackError", { error });
    });
    const { logger } = this.#settings;
    if (logger !== undefined) logTo(logger, this, { key: this.key, nodeId: this.nodeId });
  }

  /**
   * Begins to campaign, and goes on until `stop`. Resolves at once: a store that is out of reach is no
   * error, it is asked again.
   *
   * @param options.signal Stops the elector when aborted.
   * @throws IncumbentError `INCUMBENT_ALREADY_STARTED` while it runs or is stopping; the signal's
   * reason if it is aborted already.
   */
  async start({ signal }: Cancellable = {}): Promise<void> {
    if (this.#loop.role !== "idle" || this.#stopping !== undefined) {
      const doing = this.#stopping === undefined ? "has started" : "is stopping";
      throw new IncumbentError(
        "INCUMBENT_ALREADY_STARTED",
        `The elector of "${this.key}" ${doing}; start it once, or again after stop() has resolved.`,
      );
    }
    signal?.throwIfAborted();
    const stop = () => void this.stop();
    signal?.addEventListener("abort", stop, { once: true, signal: this.#stopped.signal });
    this.#unwatch =
      this.#store.watch?.(this.key, (hint) => {
        if (hint === "released") this.#loop.dispatch({ type: "hint" });
      }) ?? (() => {});
    this.#loop.dispatch({ type: "start" });
  }

  /**
   * Leaves the election: tells the loss, waits for `lead` work to settle (at most `drainTimeout`),
   * gives the lease back and lets go of every timer and connection of its own. Safe at any time, and
   * as often as you like.
   */
  stop(): Promise<Departure> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  async #stop(): Promise<Departure> {
    const departed = this.#loop.role === "idle" ? "none" : this.#departures.wait();
    this.#loop.dispatch({ type: "stop" });
    const departure = await departed;
    this.#unwatch();
    this.#unwatch = () => {};
    this.#loop.abandonRequests();
    const message = `The elector of "${this.key}" was stopped.`;
    this.#stopped.abort(new IncumbentError("INCUMBENT_STOPPED", message));
    this.#stopped = new AbortController();
    return departure;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop().then(() => {});
  }

  /**
   * Whether this process leads at this very moment. Computed from the deadline at each call, on a
   * clock that counts suspend, so it is right also in the first line after a pause.
   */
  isLeader(): boolean {
    return this.#loop.isLeading();
  }

  /** The term that this process leads, while it leads. */
  get term(): Term | undefined {
    return this.#loop.isLeading() ? this.#term : undefined;
  }

  /**
   * Registers a callback for every gain and loss of leadership.
   * @returns A function that unregisters it.
   */
  onLeadershipChange(callback: LeadershipCallback): () => void {
    return this.#listeners.add(callback, this.term);
  }

  /**
   * Listens to one kind of event.
   * @returns A function that unregisters the listener.
   */
  on<Name extends ElectorEventName>(
    name: Name,
    listener: (event: ElectorEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * The term, as soon as this process leads.
   * @throws IncumbentError `INCUMBENT_STOPPED` when the elector is stopped meanwhile; the signal's
   * reason when that is aborted.
   */
  async waitForLeadership({ signal }: Cancellable = {}): Promise<Term> {
    signal?.throwIfAborted();
    return this.term ?? (await this.#terms.wait(this.#untilStopped(signal)));
  }

  /**
   * Runs `work` while leading: waits for leadership, runs it, aborts `term.signal` when leadership is
   * lost, waits for it to settle and campaigns again. When `work` ends while leading, resigns and
   * answers with its value or its error. Starts the elector if need be, and then stops it too.
   *
   * @throws IncumbentError `INCUMBENT_ALREADY_LEADING` if a `lead` of this elector is under way,
   * `INCUMBENT_STOPPED` when the elector is stopped; the signal's reason when that is aborted.
   */
  async lead<T>(work: Work<T>, { signal }: Cancellable = {}): Promise<T> {
    if (this.#leads) {
      const message = `lead() of "${this.key}" is under way; one run of the work at a time.`;
      throw new IncumbentError("INCUMBENT_ALREADY_LEADING", message);
    }
    signal?.throwIfAborted();
    this.#leads = true;
    const starts = this.#loop.role === "idle" && this.#stopping === undefined;
    try {
      if (starts) await this.start();
      return await lead(this, work, this.#untilStopped(signal), {
        begin: () => this.#loop.dispatch({ type: "work-started" }),
        settle: () => this.#loop.dispatch({ type: "work-settled" }),
        report: (error) => this.#events.emit("callbackError", { error }),
      });
    } finally {
      this.#leads = false;
      if (starts) await this.stop();
    }
  }

  /**
   * The leader, read from the store; also for those who take no part.
   * @throws StoreError when the store cannot be asked.
   */
  async leader(): Promise<LeaderInfo | undefined> {
    const record = await this.#loop.read();
    return record === undefined ? undefined : this.#info(record);
  }

  /**
   * The leader now, and again on every change, `undefined` while there is none. Errors of the store
   * are reported as `storeError` and outlived. Ends when the signal is aborted or the elector stops.
   */
  observe({ signal }: Cancellable = {}): AsyncGenerator<LeaderInfo | undefined, void, undefined> {
    const { ttl, renewalInterval } = this.#settings.timing;
    return observe({
      read: () => this.leader(),
      watch: (onHint) => this.#store.watch?.(this.key, onHint) ?? (() => {}),
      timer: (delay, fire) => this.#loop.timer(delay, fire),
      longest: this.#store.watch === undefined ? renewalInterval : ttl,
      retryDelay: renewalInterval,
      signal: this.#untilStopped(signal),
    });
  }

  /** Ends this term and stays a candidate; the others go first for one renewal interval. */
  resign(): Promise<Departure> {
    this.#loop.dispatch({ type: "resign" });
    const departs = this.#loop.role === "draining" || this.#loop.role === "releasing";
    return departs ? this.#departures.wait() : Promise.resolve("none");
  }

  #untilStopped(signal: AbortSignal | undefined): AbortSignal {
    const stopped = this.#stopped.signal;
    return signal === undefined ? stopped : AbortSignal.any([signal, stopped]);
  }

  #tell(): Tell {
    return {
      elected: (token, since) => this.#elected(token, new Date(since)),
      deposed: (reason) => this.#deposed(reason),
      departed: (_exit, release) => this.#departures.resolve(release),
      drainTimeout: () => this.#withTerm((term) => this.#events.emit("drainTimeout", { term })),
      renewed: (took) => this.#withTerm((term) => this.#events.emit("renewed", { term, took })),
      refused: (leader, quarantinedFor) => {
        if (leader !== undefined) this.#sawLeader(this.#info(leader));
        if (quarantinedFor !== undefined) {
          this.#events.emit("quarantined", { retryIn: quarantinedFor });
        }
      },
      storeError: (operation, error) => this.#events.emit("storeError", { operation, error }),
      storeRecovered: (operation) => this.#events.emit("storeRecovered", { operation }),
    };
  }

  #elected(token: number, since: Date): void {
    const { key, nodeId } = this;
    const term = new HeldTerm({
      ...{ key, nodeId, token, since },
      remaining: () => this.#loop.remaining(token),
    });
    this.#term = term;
    const stillLeads = () => this.#term === term && this.#loop.isLeading();
    this.#listeners.tellGain(term, stillLeads);
    this.#events.emit("elected", { term });
    const { ttl: expiresIn } = this.#settings.timing;
    const { metadata } = this.#settings;
    this.#sawLeader({ key, nodeId, token, since, expiresIn, metadata });
    if (stillLeads()) this.#terms.resolve(term);
  }

  #deposed(reason: LossReason): void {
    this.#withTerm((term) => {
      term.end(reason);
      this.#listeners.tellLoss(term);
      this.#events.emit("deposed", { term, reason });
    });
  }

  #withTerm(use: (term: HeldTerm) => void): void {
    if (this.#term !== undefined) use(this.#term);
  }

  #sawLeader(leader: LeaderInfo): void {
    if (leader.token === this.#leaderToken) return;
    this.#leaderToken = leader.token;
    this.#events.emit("leaderChanged", { leader });
  }

  #info(record: LeaseRecord): LeaderInfo {
    return { key: this.key, ...record, since: new Date(record.since) };
  }
}
