import type { Cell, ObservedRecord, Written } from "../../src/stores/observed/register.ts";
import type { Schedule } from "../schedule.ts";

/** A write that the register has carried out. */
export interface Replaced {
  readonly key: string;
  readonly before: ObservedRecord | undefined;
  readonly after: ObservedRecord;
  /** When its request was sent, in the world's time. */
  readonly sentAt: number;
  /**
   * Whether the network delivered the request when its time was over, or repeated it and the register was set back
   * meanwhile to what the request replaces.
   */
  readonly isStray: boolean;
  /**
   * Whether the store that wrote it first saw the election after the register had forgotten a lease, which its holder
   * may still trust.
   */
  readonly isUninformed: boolean;
  /** Whether no connection of the store broke when the register was set back. */
  readonly isUnaware: boolean;
}

/** A connection to the register. */
export interface Connected {
  readonly processNumber: number;
  /** Whether it watches an election. */
  readonly isListening: boolean;
  /** A record has changed. */
  hear(key: string, cell: Cell): void;
  /** The register, or something in between, has closed the connection. */
  cut(): void;
}

interface State {
  readonly at: number;
  readonly revision: number;
  readonly cells: ReadonlyMap<string, Cell>;
}

/** How a write came to the register. */
export type Passage = Pick<Replaced, "sentAt" | "isStray" | "isUninformed" | "isUnaware">;

const ABSENT: Cell = { version: "0", record: undefined };

/**
 * A linearizable register, which like those of some servers keeps the version if a write changes nothing. An operator
 * may set it back to an earlier state; it then gives versions once more, and so compares the records, too.
 */
export class SimulatedRegister {
  readonly #schedule: Schedule;
  readonly #onReplaced: (replaced: Replaced) => void;
  readonly #connected = new Set<Connected>();
  #states: State[] = [{ at: 0, revision: 0, cells: new Map() }];
  #waiting: (() => void)[] = [];
  #freezes = 0;
  #outages = 0;
  /** How often it was started. A request of an earlier start is lost. */
  life = 0;
  /** When it last forgot anything. */
  forgotAt = Number.NEGATIVE_INFINITY;
  /** When it was last set back, in which it forgot records of all elections. */
  #setBackAt = Number.NEGATIVE_INFINITY;
  /** When the record of an election was deleted, by key. */
  readonly #removedAt = new Map<string, number>();
  /** Until when the holder of a lease that it has forgotten may trust it, by key. */
  readonly #trustedUntil = new Map<string, number>();
  writes = 0;

  constructor(schedule: Schedule, onReplaced: (replaced: Replaced) => void) {
    this.#schedule = schedule;
    this.#onReplaced = onReplaced;
  }

  get isUp(): boolean {
    return this.#outages === 0;
  }

  /** Whether there is a connection that watches. */
  get isListenedTo(): boolean {
    return [...this.#connected].some(({ isListening }) => isListening);
  }

  cell(key: string): Cell {
    return this.#state.cells.get(key) ?? ABSENT;
  }

  /** Carries out a request, at once or when the register runs again. */
  receive(life: number, run: () => void): void {
    if (life !== this.life || !this.isUp) return;
    if (this.#freezes > 0) this.#waiting.push(() => life === this.life && run());
    else run();
  }

  compareAndSet(key: string, seen: Cell, after: ObservedRecord, passage: Passage): Written<Cell> {
    const found = this.cell(key);
    const before = found.record;
    const text = JSON.stringify(before);
    if (found.version !== seen.version || text !== JSON.stringify(seen.record)) {
      return { written: false, cell: found };
    }
    if (text === JSON.stringify(after)) return { written: true, cell: found };
    this.writes += 1;
    const cell = this.#keep(key, after);
    const trustedUntil = this.#trustedUntil.get(key) ?? Number.NEGATIVE_INFINITY;
    const mayBeTrusted = this.#schedule.now < trustedUntil;
    const isUninformed = passage.isUninformed && mayBeTrusted;
    const isUnaware = passage.isUnaware && mayBeTrusted;
    this.#onReplaced({ key, before, after, ...passage, isUninformed, isUnaware });
    return { written: true, cell };
  }

  /** An earlier leader has released the lease. */
  found(key: string): void {
    const none = { nonce: "", nodeId: "", metadata: undefined, token: 0, since: 0, ttl: 0 };
    this.#keep(key, { ...none, seq: 0, at: 0 });
  }

  attach(connection: Connected): void {
    this.#connected.add(connection);
  }

  detach(connection: Connected): void {
    this.#connected.delete(connection);
  }

  /** A process has died. */
  forget(process: number): void {
    for (const each of this.#connected) {
      if (each.processNumber === process) this.detach(each);
    }
  }

  /** Closes the connections of a process. */
  cutAll(process: number): void {
    for (const each of this.#connected) {
      if (each.processNumber === process) each.cut();
    }
  }

  freeze(): void {
    this.#freezes += 1;
  }

  thaw(): void {
    this.#freezes -= 1;
    if (this.#freezes > 0) return;
    for (const run of this.#waiting.splice(0)) run();
  }

  goDown(): void {
    this.#outages += 1;
    this.life += 1;
    this.#waiting = [];
    for (const each of [...this.#connected]) each.cut();
  }

  /** It runs again, with its state as it was so long ago. */
  comeUp(back: number): void {
    this.#outages -= 1;
    this.setBack(back);
  }

  /** The state as it was so long before now: a backup is restored. */
  setBack(back: number): void {
    const moment = this.#schedule.now - back;
    const kept = this.#states.filter(({ at }) => at <= moment);
    if (kept.length === this.#states.length) return;
    for (const [key, { record }] of this.#state.cells) this.#lose(key, record);
    this.#states = kept.length > 0 ? kept : [{ at: 0, revision: 0, cells: new Map() }];
    this.forgotAt = this.#setBackAt = this.#schedule.now;
  }

  /** An operator deletes a record. */
  remove(key: string): void {
    this.#lose(key, this.cell(key).record);
    this.#keep(key, undefined);
    this.forgotAt = this.#schedule.now;
    this.#removedAt.set(key, this.forgotAt);
  }

  /** When it last forgot anything of this election (seed 1336357). */
  forgotOf(key: string): number {
    return Math.max(this.#setBackAt, this.#removedAt.get(key) ?? this.#setBackAt);
  }

  /** The holder of a lease may trust it for at most one ttl after its last write, on a clock that may be slow. */
  #lose(key: string, record: ObservedRecord | undefined): void {
    if (record === undefined || record.nonce === "") return;
    const until = this.#schedule.now + 1.5 * record.ttl;
    this.#trustedUntil.set(key, Math.max(until, this.#trustedUntil.get(key) ?? until));
  }

  get #state(): State {
    return this.#states.at(-1) ?? { at: 0, revision: 0, cells: new Map() };
  }

  #keep(key: string, record: ObservedRecord | undefined): Cell {
    const { revision, cells } = this.#state;
    const version = String(revision + 1);
    const cell = record === undefined ? ABSENT : { version, record };
    const next = new Map(cells);
    if (record === undefined) next.delete(key);
    else next.set(key, cell);
    this.#states.push({ at: this.#schedule.now, revision: revision + 1, cells: next });
    for (const each of this.#connected) each.hear(key, cell);
    return cell;
  }
}
