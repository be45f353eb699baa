import { EPOCH } from "./machine-clocks.ts";
import type { TakenOver } from "./machines.ts";
import type { ServerPlan } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** Passes the answer to its receiver. */
export type Answer = (
  settle: (resolve: (value: unknown) => void, reject: (error: Error) => void) => void,
) => void;

/** A connection from the view of the server. */
export interface Connected {
  /** The number of the process at the other end. */
  readonly processNumber: number;
  /** Closes the connection. */
  cut(): void;
}

/** How a command reached a server. */
export interface Passage {
  /** The number of the process that sent it. */
  readonly from: number;
  /** When it was sent, in the world's time. */
  readonly sentAt: number;
  /** Whether the network had already delivered it before. */
  readonly isRepeat: boolean;
}

/** A request that was executed, with the arguments and the reply that the script of Redis has. */
export interface Executed extends Passage {
  readonly server: Pick<SimulatedHost, "rate">;
  /** The number of the server, from 0. */
  readonly number: number;
  /** Whether the process never had contact with the other machine, and so cannot know what it granted. */
  readonly isUninformed: boolean;
  /**
   * How long ago it was decided, in ms.
   * @defaultValue 0
   */
  readonly ago?: number;
  readonly request: { readonly keys: readonly string[]; readonly args: readonly string[] };
  readonly reply: readonly unknown[];
}

/** What a server remembers when it runs again. */
export type Kept = "kept" | "lost" | "older";

/** A machine with a server, whichever it is: its clock, its connections, and the faults that can happen to it. */
export abstract class SimulatedHost {
  protected readonly schedule: Schedule;
  readonly #rate: number;
  readonly #connections = new Set<Connected>();
  /** How many calls it has executed, and how many of them had more than one request. */
  calls = 0;
  sharedCalls = 0;
  #offset: number;
  #freezes = 0;
  #outages = 0;
  #waiting: (() => void)[] = [];

  constructor(schedule: Schedule, { rate, offset }: Pick<ServerPlan, "rate" | "offset">) {
    this.schedule = schedule;
    this.#rate = rate;
    this.#offset = offset;
  }

  /** The rate of its clock. */
  get rate(): number {
    return this.#rate;
  }

  /** Its clock, in µs since 1970. */
  get micros(): number {
    return Math.floor((EPOCH + this.#offset + this.schedule.now * this.#rate) * 1000);
  }

  /** Whether any connection has a subscription that its owner should have ended. */
  abstract readonly isListenedTo: boolean;
  /** Whether the process hears of what happens to the election with this key. */
  abstract isHeardBy(process: number, key: string): boolean;
  abstract keepSnapshot(): void;
  /** The address leads to another machine. */
  abstract takeOver(how: TakenOver): void;
  abstract evict(what: "lease" | "stamp", key: string): void;
  /** An operator deletes everything, or one election. */
  abstract flush(): void;
  abstract delete(key: string, onDeleted: () => void): void;
  /** What is started in its place has this memory. */
  protected abstract restart(memory: Kept, isAnotherMachine: boolean): void;

  accepts(): boolean {
    return this.#outages === 0;
  }

  /** Whether it would execute a command at once. */
  get isAwake(): boolean {
    return this.#outages === 0 && this.#freezes === 0;
  }

  attach(connection: Connected): void {
    this.#connections.add(connection);
  }

  detach(connection: Connected): void {
    this.#connections.delete(connection);
  }

  isAttached(connection: Connected): boolean {
    return this.#connections.has(connection);
  }

  /** Closes the connections of a process that is dead. */
  forget(process: number): void {
    for (const connection of this.#connections) {
      if (connection.processNumber === process) this.detach(connection);
    }
  }

  /** Closes the connections of one process. */
  cutAll(process: number): void {
    for (const connection of this.#connections) {
      if (connection.processNumber !== process) continue;
      this.schedule.add(this.schedule.now, () => connection.cut());
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

  /** Kills the server, which closes every connection. */
  goDown(): void {
    this.#outages += 1;
    this.cutOff();
  }

  /** Starts another server in its place, with a clock that is off by `skew` ms; on another machine if it is given. */
  comeUp(memory: Kept, skew?: number): void {
    this.#outages -= 1;
    this.#offset += skew ?? 0;
    this.restart(memory, skew !== undefined);
  }

  setBack(by: number): void {
    this.#offset -= by;
  }

  /** Closes every connection. Commands that arrived and were not executed are lost. */
  protected cutOff(): void {
    this.#waiting = [];
    const connections = [...this.#connections];
    for (const connection of connections) this.detach(connection);
    for (const connection of connections) {
      this.schedule.add(this.schedule.now, () => connection.cut());
    }
  }

  /** A command arrives. It is executed at once, after a freeze, or never. */
  protected whenAwake(run: () => void): void {
    if (this.#outages > 0) return;
    if (this.#freezes > 0) this.#waiting.push(run);
    else run();
  }
}
