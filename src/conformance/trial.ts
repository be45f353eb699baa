import type { Hint, LeaseRecord, LeaseStore } from "../stores/lease-store.ts";
import { Attempt, type AttemptFields } from "./attempt.ts";
import { Ear } from "./ear.ts";
import { BrokenRule, expect } from "./expectations.ts";
import { freshId, freshSeed } from "./random.ts";
import { realTime, within } from "./real-time.ts";
import type { Declared, StoreSetup, StoreTime, Subject } from "./subject.ts";

/** A ttl in ms that outlasts every test, even on a slow machine. */
const LONG = 60_000;

/** An answer, and the times in ms between which the store must have given it. */
export interface Timed<T> {
  readonly answer: T;
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** One test of one rule: its stores, its clock, and a key that no other test uses. */
export class Trial {
  readonly declared: Declared;
  readonly patience: number;
  readonly seed: number;
  readonly time: StoreTime;
  readonly key: string = freshId();
  /** The ttl in ms of a lease for whose end a test waits. */
  readonly shortTtl: number;
  readonly #setup: StoreSetup;
  readonly #opened = new Set<LeaseStore>();
  #store: LeaseStore | undefined;

  constructor(subject: Subject, setup: StoreSetup) {
    this.declared = subject.declared;
    this.patience = subject.patience;
    this.seed = subject.seed ?? freshSeed();
    this.time = setup.time ?? realTime;
    this.shortTtl = Math.max(200, 2 * subject.declared.granularity);
    this.#setup = setup;
  }

  /** The first store. */
  get store(): LeaseStore {
    if (this.#store === undefined) throw new BrokenRule("the trial has not begun");
    return this.#store;
  }

  /** Opens the first store; called again after all stores were closed. */
  async begin(): Promise<void> {
    this.#store = await this.open();
  }

  /** Opens one more store, as another process would. */
  async open(): Promise<LeaseStore> {
    const store = await this.#setup.open();
    this.#opened.add(store);
    return store;
  }

  /** Opens a store as a process would whose date is an hour ahead. */
  async openAhead(): Promise<LeaseStore> {
    const { openAhead } = this.#setup;
    expect(
      openAhead !== undefined,
      'clock: "observer" is declared, so the setup must have openAhead()',
    );
    const store = await openAhead.call(this.#setup);
    this.#opened.add(store);
    return store;
  }

  /** Makes a new attempt to get the lease of this trial, with a long ttl unless the fields give another one. */
  attempt(fields: Partial<AttemptFields> = {}): Attempt {
    const defaults = { key: this.key, store: this.store, nonce: freshId(), nodeId: "node" };
    const all = { ...defaults, metadata: undefined, ttl: LONG, ...fields };
    return new Attempt(all, this.time, this.patience);
  }

  /** Reads the leader of the election from the store. */
  async read(store: LeaseStore = this.store, key = this.key): Promise<LeaseRecord | undefined> {
    const { signal } = new AbortController();
    const notAfter = this.time.now() + LONG;
    const answer = store.read({ key, clock: this.time, notAfter, signal });
    return within(this.patience, `read must be answered within ${this.patience} ms`, answer);
  }

  /** Fails if the store shows a leader. */
  async expectNoLeader(when: string, store: LeaseStore = this.store): Promise<void> {
    expect((await this.read(store)) === undefined, `${when}, read must show no leader`);
  }

  /** Reads the leader, and fails if there is none. */
  async expectHolder(when: string, store: LeaseStore = this.store): Promise<LeaseRecord> {
    const record = await this.read(store);
    expect(record !== undefined, `${when}, read must show the holder`);
    return record;
  }

  async timed<T>(ask: () => Promise<T>): Promise<Timed<T>> {
    const sentAt = this.time.now();
    const answer = await ask();
    return { answer, sentAt, answeredAt: this.time.now() };
  }

  async pass(ms: number): Promise<void> {
    await this.time.pass(ms);
  }

  /** Waits until a lease with this ttl that was granted before now must have ended. */
  async outlast(ttl: number): Promise<void> {
    await this.pass(ttl + this.declared.granularity + marginOf(ttl));
  }

  /** Watches the key, and records the hints. */
  listen(store: LeaseStore): Ear {
    const ear = new Ear(this.patience);
    ear.unwatch = this.watch(store, (hint) => ear.hear(hint));
    return ear;
  }

  watch(store: LeaseStore, onHint: (hint: Hint) => void): () => void {
    expect(store.watch !== undefined, "the store declares wakeUp, so it must have watch()");
    return store.watch(this.key, onHint);
  }

  /** Closes every store, restarts the server behind them, and opens the first store again. */
  async restart(): Promise<void> {
    await this.#closeAll();
    await this.#setup.restart?.();
    await this.begin();
  }

  /** Deletes all data, and opens the first store again. */
  async loseData(): Promise<void> {
    const { loseData } = this.#setup;
    expect(
      loseData !== undefined,
      "the declared behaviour after lost data needs loseData() in the setup",
    );
    await loseData.call(this.#setup);
    await this.begin();
  }

  async end(): Promise<void> {
    try {
      await this.#closeAll();
    } finally {
      await this.#setup.cleanUp?.();
    }
  }

  /** Closes one store. A later request may open it again. */
  close(store: LeaseStore): Promise<void> {
    return within(this.patience, `close must finish within ${this.patience} ms`, store.close());
  }

  async #closeAll(): Promise<void> {
    const stores = [...this.#opened];
    this.#opened.clear();
    const closing = stores.map((store) => this.close(store));
    // Wait for all of them, even if closing one fails.
    await Promise.allSettled(closing);
    await Promise.all(closing);
  }
}

/** How far two clocks may drift apart during one ttl, in ms: the default margin of an elector. */
export function marginOf(ttl: number): number {
  return ttl * 0.01 + 2;
}
