import { setTimeout as sleep } from "node:timers/promises";
import { Elector } from "../../elector/elector.ts";
import { type LeaderJson, leaderJson } from "../../http/leader-json.ts";
import type { LeaseStore } from "../../stores/lease-store.ts";
import { keysOf } from "./keys.ts";

/** From one look at what the leases have left to the next, and from one list of the elections to the next, in ms. */
const REFRESH = 1000;

/** How many leases are read at each look. With more elections, each is looked at less often. */
const MOST_READ = 50;

/** How many changes of one election are kept. */
const MOST_CHANGES = 200;

/** One election, as far as it is known now. */
export interface ElectionView {
  readonly now: LeaderJson;
  /** The first sight of it and every change since, the latest last. */
  readonly changes: readonly LeaderJson[];
}

/** What is reported while elections are observed. */
export interface Observer {
  onChange(change: LeaderJson): void;
  /** A request to the store failed. It is repeated. */
  onError(message: string): void;
  /** The store answers, after a failure or without one. */
  onAnswer(): void;
}

interface Observed {
  readonly elector: Elector;
  readonly changes: LeaderJson[];
}

/** Observes elections of a store, without taking part. */
export class Elections {
  readonly #store: LeaseStore;
  readonly #observer: Observer;
  readonly #signal: AbortSignal;
  readonly #observed = new Map<string, Observed>();
  readonly #running: Promise<void>[] = [];
  #turn = 0;

  constructor(store: LeaseStore, observer: Observer, signal: AbortSignal) {
    this.#store = store;
    this.#observer = observer;
    this.#signal = signal;
  }

  /** In the order of their keys. */
  views(): ElectionView[] {
    return [...this.#observed]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { elector, changes }]) => ({
        now: leaderJson(key, elector.status.leader),
        changes,
      }));
  }

  /**
   * Observes the election, or all of the store and those that are added, until the signal is aborted. Throws if the
   * store cannot list them at first.
   */
  async run(key: string | undefined): Promise<void> {
    for (const each of key === undefined ? await keysOf(this.#store) : [key]) this.#add(each);
    while (!this.#signal.aborted) {
      await sleep(REFRESH, undefined, { signal: this.#signal }).catch(() => {});
      if (this.#signal.aborted) break;
      const listed = key !== undefined || (await this.#list());
      if ((await this.#refresh()) && listed) this.#observer.onAnswer();
    }
    await Promise.all(this.#running);
  }

  async #list(): Promise<boolean> {
    try {
      for (const key of await keysOf(this.#store)) this.#add(key);
      return true;
    } catch (error) {
      this.#observer.onError(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #add(key: string): void {
    if (this.#observed.has(key)) return;
    const elector = new Elector(this.#store, key);
    const observed: Observed = { elector, changes: [] };
    this.#observed.set(key, observed);
    elector.on("storeError", ({ error }) => this.#observer.onError(error.message));
    this.#running.push(this.#observe(key, observed));
  }

  async #observe(key: string, { elector, changes }: Observed): Promise<void> {
    for await (const leader of elector.observe({ signal: this.#signal })) {
      const change = leaderJson(key, leader);
      changes.push(change);
      if (changes.length > MOST_CHANGES) changes.shift();
      this.#observer.onChange(change);
    }
  }

  /** An observation reports changes only; what a lease has left has to be read. Answers whether all could be. */
  async #refresh(): Promise<boolean> {
    const all = [...this.#observed.values()];
    const chosen = Array.from({ length: Math.min(MOST_READ, all.length) }, (_, index) => {
      return all[(this.#turn + index) % all.length];
    });
    this.#turn += chosen.length;
    // A failure has been emitted as storeError.
    const read = async (one: Observed | undefined) => {
      await one?.elector.leader();
      return true;
    };
    const answered = await Promise.all(chosen.map((each) => read(each).catch(() => false)));
    return !answered.includes(false);
  }
}
