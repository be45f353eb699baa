import { IncumbentError } from "../errors.ts";
import { checkFunction } from "../input.ts";
import type { LeaseStore } from "../stores/lease-store.ts";
import { type Cancellable, signalOf } from "./cancellable.ts";
import { eitherOf } from "./either-signal.ts";
import { type Environment, systemEnvironment } from "./environment.ts";
import { type ElectorEventName, type ElectorEvents, Events } from "./events.ts";
import { checkLead, type LeadOptions, lead, type Work } from "./lead.ts";
import { logTo } from "./log.ts";
import { ElectionLoop } from "./loop.ts";
import type { Departure } from "./loop-listener.ts";
import { observeUntil } from "./observe.ts";
import {
  checkKey,
  checkStore,
  type ElectorOptions,
  parseOptions,
  type Settings,
} from "./options.ts";
import { joinQueue } from "./requests/candidate-queue.ts";
import { checkedWatch } from "./requests/checked-store.ts";
import { type ElectorStatus, settledStatus } from "./status.ts";
import { stopOn } from "./stop-signals.ts";
import type { LeadershipCallback } from "./terms/leadership-listeners.ts";
import { infoOf, type LeaderInfo, type Term } from "./terms/term.ts";
import { Terms } from "./terms/terms.ts";

export type { Cancellable, Departure };

/**
 * Takes part in the election of one leader per key, and keeps renewing the lease while it leads.
 *
 * @example
 * const elector = new Elector(new MemoryStore(), "billing:scheduler", { ttl: 10_000 });
 * elector.onLeadershipChange((isLeader) => console.log(isLeader ? "leading" : "no longer leading"));
 * await elector.start();
 */
export class Elector implements AsyncDisposable {
  readonly key: string;
  readonly nodeId: string;
  readonly metadata: string | undefined;
  readonly #settings: Settings;
  readonly #store: LeaseStore;
  readonly #loop: ElectionLoop;
  readonly #events = new Events();
  readonly #terms: Terms;
  /** Aborted when the elector has stopped. Made when it is first needed: it is one of the largest parts of an elector. */
  #stopped: AbortController | undefined;
  #unwatch: () => void = () => {};
  #unfollow: () => void = () => {};
  #stopping: Promise<Departure> | undefined;
  #leads = false;

  /**
   * Checks everything and touches nothing: no timer and no connection before `start`.
   *
   * @param store Where the lease is kept. It may serve many electors.
   * @param key Which election: 1 to 512 bytes of UTF-8, as `"billing:scheduler"`. Not accepted are
   * characters that cannot be seen, such as control characters and zero-width spaces, white space at
   * the ends, and text that is not in Unicode's form NFC: two keys that look alike are one election.
   * @param environment Time and randomness; only tests and simulations pass it.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`, naming the option, the rule, the value and what
   * is usual.
   */
  constructor(
    store: LeaseStore,
    key: string,
    options: ElectorOptions = {},
    environment?: Partial<Environment>,
  ) {
    this.key = checkKey(key);
    this.#store = checkStore(store);
    this.#settings = parseOptions(options, this.#store.watch !== undefined);
    store.checkKey?.(this.key);
    store.checkTtl?.(this.#settings.timing.ttl);
    this.nodeId = this.#settings.nodeId;
    this.metadata = this.#settings.metadata;
    const system = systemEnvironment(this.#settings.unref);
    const surroundings = environment === undefined ? system : { ...system, ...environment };
    this.#terms = new Terms(this.key, this.#settings, store, this.#events, surroundings.clock);
    this.#loop = new ElectionLoop(this.key, this.#settings, this.#store, surroundings, this.#terms);
    const { logger } = this.#settings;
    if (logger !== undefined) logTo(logger, this, { key: this.key, nodeId: this.nodeId });
  }

  /**
   * Begins to campaign, and goes on until `stop`. Resolves at once: a store that is out of reach is no
   * error, it is asked again.
   *
   * @param options its `signal` stops the elector when it is aborted.
   * @throws IncumbentError `INCUMBENT_ALREADY_STARTED` while it runs or is stopping; the signal's
   * reason if it is aborted already.
   */
  async start(options: Cancellable = {}): Promise<void> {
    const signal = signalOf(options);
    if (this.#loop.state.role !== "idle" || this.#stopping !== undefined) {
      const doing = this.#stopping === undefined ? "has started" : "is stopping";
      throw new IncumbentError(
        "INCUMBENT_ALREADY_STARTED",
        `The elector of "${this.key}" ${doing}; start it once, or again after stop() has resolved.`,
      );
    }
    signal?.throwIfAborted();
    this.#unwatch = joinQueue(this.#store, this.key, this.#loop);
    this.#unfollow = stopOn(() => this.stop(), signal, this.#settings.stopOnSignals);
    this.#terms.start();
    this.#loop.dispatch({ type: "start" });
  }

  /**
   * Leaves the election: reports the loss, waits for `lead` work and promises of callbacks to settle (at most
   * `drainTimeout`), gives the lease back and lets go of every timer and subscription. A store that you made stays open
   * until you close it. Safe at any time, and as often as you like.
   */
  stop(): Promise<Departure> {
    if (this.#stopping !== undefined) return this.#stopping;
    // Known before the loss is reported: a callback may start or stop the elector once more.
    let settle: (departure: Promise<Departure>) => void = () => {};
    const stopping = new Promise<Departure>((resolve) => {
      settle = resolve;
    });
    this.#stopping = stopping;
    settle(
      this.#stop().finally(() => {
        this.#stopping = undefined;
      }),
    );
    return stopping;
  }

  async #stop(): Promise<Departure> {
    const departure = await this.#loop.stop();
    this.#unwatch();
    this.#unwatch = () => {};
    this.#unfollow();
    this.#loop.abandonRequests();
    const message = `The elector of "${this.key}" was stopped.`;
    this.#stopped?.abort(new IncumbentError("INCUMBENT_STOPPED", message));
    this.#stopped = undefined;
    return departure;
  }

  get #stopSignal(): AbortSignal {
    this.#stopped ??= new AbortController();
    return this.#stopped.signal;
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
    return this.#loop.isLeading() ? this.#terms.latest : undefined;
  }

  /**
   * What this process knows now of its own role and of the leader, without asking the store: cheap enough for every
   * HTTP request. `status.role` is `"leader"` exactly if `isLeader()` is true; what it says of others is as old as
   * `status.age`.
   *
   * @example
   * const { role, leader, age } = elector.status;
   * response.end(`${role}, led by ${leader?.nodeId ?? "unknown"} as of ${age} ms ago`);
   */
  get status(): ElectorStatus {
    return this.#terms.status(this.#loop.state, this.#stopping !== undefined);
  }

  /**
   * Resolves with the status as soon as the campaign has had its first answer: this process leads, another one does,
   * or it is known what the election waits for (`status.waitingFor`), such as a store that is out of reach. Resolves
   * at once if that is known already. An elector that is not started is waited for.
   *
   * @throws IncumbentError `INCUMBENT_STOPPED` when the elector is stopped meanwhile; the signal's
   * reason when that is aborted.
   * @example
   * await elector.start();
   * const { role } = await elector.settled();
   */
  async settled(options: Cancellable = {}): Promise<ElectorStatus> {
    const signals = [signalOf(options), this.#stopSignal];
    const answer = (either: AbortSignal) => this.#terms.answer(either);
    return settledStatus(() => this.status, answer, signals);
  }

  /**
   * Registers a callback for every gain and loss of leadership.
   * @returns A function that unregisters it.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION` if it is no function.
   */
  onLeadershipChange(callback: LeadershipCallback): () => void {
    checkFunction("callback", callback, "(isLeader) => console.log(isLeader)");
    return this.#terms.listen(callback, this.term);
  }

  /**
   * Listens to one kind of event.
   * @returns A function that unregisters the listener.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION` if there is no such event, or the listener is no function.
   */
  on<Name extends ElectorEventName>(
    name: Name,
    listener: (event: ElectorEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * The term, as soon as this process leads. The signal ends the waiting and nothing else: the elector goes on
   * campaigning, and may lead at any time afterwards, until `stop()`.
   *
   * @throws IncumbentError `INCUMBENT_STOPPED` when the elector is stopped meanwhile; the signal's
   * reason when that is aborted.
   */
  async waitForLeadership(options: Cancellable = {}): Promise<Term> {
    const signal = signalOf(options);
    signal?.throwIfAborted();
    if (this.term !== undefined) return this.term;
    const either = eitherOf(signal, this.#stopSignal);
    return this.#terms.next(either.signal).finally(either.dispose);
  }

  /**
   * Runs `work` while leading: waits for leadership, runs it, aborts `term.signal` when leadership is
   * lost, waits for it to settle and campaigns again. When `work` ends while leading, resigns and
   * answers with its value or its error. Starts the elector if need be, and then stops it too.
   *
   * @throws IncumbentError `INCUMBENT_ALREADY_LEADING` if a `lead` of this elector is under way,
   * `INCUMBENT_STOPPED` when the elector is stopped, a `NotElectedError` when it was not elected within
   * `wait` ms; the signal's reason when that is aborted.
   * @example
   * await elector.lead(({ signal }) => sendReports({ signal }), { wait: 0 }); // Once, if no other process does.
   */
  async lead<T>(work: Work<T>, options: LeadOptions = {}): Promise<T> {
    const { signal, wait } = checkLead(work, options);
    if (this.#leads) {
      const message = `lead() of "${this.key}" is under way; one run of the work at a time.`;
      throw new IncumbentError("INCUMBENT_ALREADY_LEADING", message);
    }
    signal?.throwIfAborted();
    this.#leads = true;
    const starts = this.#loop.state.role === "idle" && this.#stopping === undefined;
    const either = eitherOf(signal, this.#stopSignal);
    try {
      if (starts) await this.start();
      return await lead(this, work, either.signal, wait, {
        timer: (delay, fire) => this.#loop.timer(delay, fire),
        begin: () => this.#loop.dispatch({ type: "work-started" }),
        settle: () => this.#loop.dispatch({ type: "work-settled" }),
        report: (error) => this.#events.emit("callbackError", { error }),
      });
    } finally {
      either.dispose();
      this.#leads = false;
      if (starts) await this.stop();
    }
  }

  /**
   * The leader, read from the store; also for those who take no part.
   * @throws StoreError when the store cannot be asked; IncumbentError `INCUMBENT_STOPPED` when the
   * elector is stopped before the store has answered.
   */
  async leader(): Promise<LeaderInfo | undefined> {
    const record = await this.#loop.read();
    this.#terms.read(record);
    return record === undefined ? undefined : infoOf(this.key, record);
  }

  /**
   * The leader now, and again on every change, `undefined` while there is none. Errors of the store
   * are reported as `storeError` and outlived. Ends when the signal is aborted or the elector stops.
   */
  observe(options: Cancellable = {}): AsyncGenerator<LeaderInfo | undefined, void, undefined> {
    const signal = signalOf(options);
    const { ttl, renewalInterval } = this.#settings.timing;
    return observeUntil([signal, this.#stopSignal], (either) => ({
      read: () => this.leader(),
      watch: (onHint) => checkedWatch(this.#store, this.key, onHint),
      timer: (delay, fire) => this.#loop.timer(delay, fire),
      longest: this.#store.watch === undefined ? renewalInterval : ttl,
      retryDelay: renewalInterval,
      signal: either,
    }));
  }

  /** Ends this term and stays a candidate; the others go first for one renewal interval. */
  resign(): Promise<Departure> {
    return this.#loop.resign();
  }
}
