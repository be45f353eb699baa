import type { Cell, CellListener } from "../../src/stores/observed/register.ts";
import type { Place } from "./place.ts";

/** From a broken connection to the next attempt, in ms. */
const PAUSE = 20;

/** One watch: a stream of changes, in order, that a broken connection ends. It begins again by itself. */
export class RegisterWatch {
  readonly key: string;
  /** Whether every change is on its way, or was delivered. */
  isLive = false;
  readonly #place: Place;
  readonly #listener: CellListener;
  /** What is on its way to the process, in order. */
  #stream: (() => void)[] = [];
  #connection = 0;
  #hasBegun = false;
  #isBroken = false;
  #isOver = false;

  constructor(place: Place, key: string, listener: CellListener) {
    this.#place = place;
    this.key = key;
    this.#listener = listener;
  }

  /** Whether it has reported anything. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  begin(): void {
    const { schedule, network, process, register, number } = this.#place;
    if (this.#isOver || process.isDead) return;
    const connection = this.#connection;
    const isCurrent = () => this.#connection === connection && !this.#isOver && !process.isDead;
    const { there } = network.fate(number);
    const arrives =
      there !== undefined && there < PAUSE && register.isUp && !network.isCut(number, 0);
    const again = () => {
      if (isCurrent() && !this.isLive) this.begin();
    };
    if (!arrives) {
      schedule.add(schedule.now + PAUSE, again);
      return;
    }
    const { life } = register;
    schedule.add(process.time + there, () => {
      if (!isCurrent()) return;
      if (register.life !== life || !register.isUp)
        return void schedule.add(schedule.now + PAUSE, again);
      this.isLive = true;
      this.hear(register.cell(this.key));
    });
  }

  hear(cell: Cell): void {
    if (!this.isLive) return;
    this.#send(() => {
      this.#hasBegun = true;
      this.#listener.onCell(cell);
    });
  }

  /** The connection has ended, and what was on its way is lost. */
  cut(): void {
    if (!this.isLive || this.#isOver) return;
    this.isLive = false;
    this.#isBroken = true;
    this.#stream = [];
    this.#report();
  }

  /** The process learns that the connection is broken: at the latest with the next answer on another one. */
  notice(): void {
    if (!this.#isBroken || this.#isOver) return;
    this.#isBroken = false;
    if (this.#hasBegun) this.#listener.onInterrupted();
    this.#connection += 1;
    const { schedule } = this.#place;
    schedule.add(schedule.now + PAUSE, () => this.begin());
  }

  end(): void {
    this.#isOver = true;
    this.isLive = false;
    this.#stream = [];
  }

  #report(): void {
    const { schedule, network, process, number } = this.#place;
    if (!this.#isBroken || this.#isOver || process.isDead) return;
    if (network.isCut(number, 0)) schedule.add(schedule.now + PAUSE, () => this.#report());
    else process.enter(() => this.notice());
  }

  /** In order, each after the one before, and none while the link is cut. */
  #send(deliver: () => void): void {
    this.#stream.push(deliver);
    if (this.#stream.length === 1) this.#deliver(this.#delay());
  }

  #delay(): number {
    const { network, number } = this.#place;
    const { there, back } = network.fate(number);
    return there ?? back ?? PAUSE;
  }

  #deliver(delay: number): void {
    const { schedule, network, process, number } = this.#place;
    schedule.add(schedule.now + delay, () => {
      if (this.#isOver || process.isDead) return;
      if (network.isCut(number, 0)) return this.#deliver(PAUSE / 4);
      const connection = this.#connection;
      process.enter(() => {
        if (this.#isOver || connection !== this.#connection) return;
        this.#stream.shift()?.();
        if (this.#stream.length > 0) this.#deliver(this.#delay());
      });
    });
  }
}
