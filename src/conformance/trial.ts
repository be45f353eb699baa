import type { Hint, LeaseRecord, LeaseStore } from "../stores/lease-store.ts";
import { Attempt, type AttemptFields } from "./attempt.ts";
import { Ear } from "./ear.ts";
import { BrokenRule, expect } from "./expectations.ts";
import { freshId, freshSeed } from "./random.ts";
import { realTime, within } from "./real-time.ts";
import type { Declared, StoreSetup, StoreTime, Subject } from "./subject.ts";

/** Long enough to be live at the end of a test, however slow the machine is. */
const LONG = 60_000;

/** An answer, and between which two moments the store gave it. In ms. */
export interface Timed<T> {
  readonly answer: T;
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** One test of one rule: its stores, its time, and an election that nobody else has. */
export class Trial {
  readonly declared: Declared;
  readonly patience: number;
  readonly seed: number;
  readonly time: StoreTime;
  readonly key: string = freshId();
  /** The ttl of a lease whose end is waited for. */
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

  /** Opens the first store, also again after all were closed. */
  async begin(): Promise<void> {
    this.#store = await this.open();
  }

  /** Another store, as another process would have it. */
  async open(): Promise<LeaseStore> {
    const store = await this.#setup.open();
    this.#opened.add(store);
    return store;
  }

  /** A new attempt on the lease of this trial, for a long ttl, unless the fields say otherwise. */
  attempt(fields: Partial<AttemptFields> = {}): Attempt {
    const usual = { key: this.key, store: this.store, nonce: freshId(), nodeId: "node" };
    const all = { ...usual, metadata: undefined, ttl: LONG, ...fields };
    return new Attempt(all, this.time, this.patience);
  }

  /** What the store shows of the election. */
  async read(store: LeaseStore = this.store, key = this.key): Promise<LeaseRecord | undefined> {
    const { signal } = new AbortController();
    const notAfter = this.time.now() + LONG;
    const answer = store.read({ key, clock: this.time, notAfter, signal });
    return within(this.patience, `read must be answered within ${this.patience} ms`, answer);
  }

  /** Fails if anybody is shown to hold the lease. */
  async expectNobody(when: string, store: LeaseStore = this.store): Promise<void> {
    expect((await this.read(store)) === undefined, `${when}, nobody must be shown`);
  }

  /** What the store shows of the holder; fails if there is none. */
  async expectHolder(when: string, store: LeaseStore = this.store): Promise<LeaseRecord> {
    const record = await this.read(store);
    expect(record !== undefined, `${when}, the holder must be shown`);
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

  /** Waits for a lease with this ttl that was granted by now to be surely over. */
  async outlast(ttl: number): Promise<void> {
    await this.pass(ttl + this.declared.granularity + marginOf(ttl));
  }

  /** Listens, and keeps what it hears. */
  listen(store: LeaseStore): Ear {
    const ear = new Ear(this.patience);
    ear.unwatch = this.watch(store, (hint) => ear.hear(hint));
    return ear;
  }

  watch(store: LeaseStore, onHint: (hint: Hint) => void): () => void {
    expect(store.watch !== undefined, "a push wake-up is declared, so the store must have watch()");
    return store.watch(this.key, onHint);
  }

  /** Closes every store, restarts what stands behind them, and opens the first one again. */
  async restart(): Promise<void> {
    await this.#closeAll();
    await this.#setup.restart?.();
    await this.begin();
  }

  /** Makes the store forget everything, and opens the first one again. */
  async loseData(): Promise<void> {
    const { loseData } = this.#setup;
    expect(loseData !== undefined, "what is declared of lost data needs loseData() in the setup");
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

  /** Closes one store, which a request may open again. */
  close(store: LeaseStore): Promise<void> {
    return within(this.patience, `close must be over within ${this.patience} ms`, store.close());
  }

  async #closeAll(): Promise<void> {
    const stores = [...this.#opened];
    this.#opened.clear();
    const closing = stores.map((store) => this.close(store));
    // All of them, also when one cannot be closed.
    await Promise.allSettled(closing);
    await Promise.all(closing);
  }
}

/** By how much two clocks may differ over one ttl: what an elector allows for by default. */
export function marginOf(ttl: number): number {
  return ttl * 0.01 + 2;
}
