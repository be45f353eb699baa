import { StoreError } from "../../src/errors.ts";
import type {
  Cell,
  CellListener,
  ObservedRecord,
  Register,
  Wait,
  Written,
} from "../../src/stores/observed/register.ts";
import type { Place } from "./place.ts";
import { RegisterWatch } from "./register-watch.ts";
import type { Connected, Passage } from "./simulated-register.ts";

interface Pending {
  reject(error: Error): void;
}

/** The register as one process reaches it, over the simulated network. */
export class RegisterClient implements Register, Connected {
  readonly #place: Place;
  readonly #pending = new Set<Pending>();
  readonly #watches = new Set<RegisterWatch>();
  /** When this process first saw each election, since it was started or its store closed. */
  readonly #firstSeen = new Map<string, number>();
  /** Whether nothing was awaited and no watch had begun to report when connections were last cut. */
  #isUnaware = false;

  constructor(place: Place) {
    this.#place = place;
    place.register.attach(this);
  }

  get processNumber(): number {
    return this.#place.number;
  }

  get isListening(): boolean {
    return this.#watches.size > 0;
  }

  async read(key: string, wait: Wait): Promise<Cell> {
    const { register } = this.#place;
    const cell = await this.#request(wait, () => register.cell(key));
    this.#saw(key);
    return cell;
  }

  async compareAndSet(
    key: string,
    seen: Cell,
    record: ObservedRecord,
    wait: Wait,
  ): Promise<Written<Cell>> {
    const { register } = this.#place;
    const isUninformed = (this.#firstSeen.get(key) ?? 0) > register.forgotOf(key);
    const known = { isUninformed, isUnaware: this.#isUnaware };
    return this.#request(wait, (passage) =>
      register.compareAndSet(key, seen, record, { ...passage, ...known }),
    );
  }

  watch(key: string, listener: CellListener): () => void {
    const watch = new RegisterWatch(this.#place, key, {
      onCell: (cell) => {
        this.#saw(key);
        listener.onCell(cell);
      },
      onInterrupted: () => listener.onInterrupted(),
    });
    this.#watches.add(watch);
    watch.begin();
    return () => {
      watch.end();
      this.#watches.delete(watch);
      // Who takes part again sees the election for the first time, as far as its state today is concerned.
      this.#firstSeen.delete(key);
    };
  }

  async close(): Promise<void> {
    this.#firstSeen.clear();
    this.#lose();
  }

  /** Whether every change is reported to it. */
  hears(key: string): boolean {
    return [...this.#watches].some((watch) => watch.key === key && watch.isLive);
  }

  hear(key: string, cell: Cell): void {
    for (const watch of this.#watches) if (watch.key === key) watch.hear(cell);
  }

  cut(): void {
    const watches = [...this.#watches];
    this.#isUnaware = this.#pending.size === 0 && !watches.some(({ hasBegun }) => hasBegun);
    for (const watch of this.#watches) watch.cut();
    this.#place.process.enter(() => this.#lose());
  }

  #saw(key: string): void {
    if (!this.#firstSeen.has(key)) this.#firstSeen.set(key, this.#place.schedule.now);
  }

  #lose(): void {
    for (const { reject } of [...this.#pending]) reject(unavailable("maybe"));
  }

  /** Carries a request there and its answer back; the network may lose, delay or repeat it. */
  #request<Answer>(
    { signal, clock, notAfter = Number.POSITIVE_INFINITY }: Wait,
    carryOut: (passage: Omit<Passage, "isUninformed" | "isUnaware">) => Answer,
  ): Promise<Answer> {
    const { schedule, network, process, register, number } = this.#place;
    if (!register.isUp) return Promise.reject(unavailable("no"));
    const { life } = register;
    return new Promise<Answer>((resolve, reject) => {
      const giveUp = () => settle(() => reject(unavailable("maybe")));
      const pending = { reject: (error: Error) => settle(() => reject(error)) };
      const settle = (end: () => void) => {
        if (!this.#pending.delete(pending)) return;
        signal.removeEventListener("abort", giveUp);
        end();
      };
      this.#pending.add(pending);
      signal.addEventListener("abort", giveUp);
      const { there, back, again } = network.fate(number);
      const sentAt = process.time;
      const lateAt = sentAt + (notAfter - (clock?.now() ?? 0)) / process.clocks.rate;
      const arrive = (isRepeat: boolean, returns: number | undefined) => {
        if (network.isCut(number, 0)) return;
        register.receive(life, () => {
          const isHitAgain = isRepeat && sentAt < register.forgotAt;
          const answer = carryOut({ sentAt, isStray: isHitAgain || schedule.now > lateAt });
          if (returns === undefined) return;
          schedule.add(schedule.now + returns, () => {
            if (network.isCut(number, 0)) return;
            process.enter(() => {
              for (const watch of this.#watches) watch.notice();
              settle(() => resolve(answer));
            });
          });
        });
      };
      if (there !== undefined) schedule.add(sentAt + there, () => arrive(false, back));
      // What repeats a request passes on the answer that it gets, which may be the second one.
      if (again !== undefined) schedule.add(sentAt + (there ?? 0) + again, () => arrive(true, 1));
    });
  }
}

function unavailable(applied: "no" | "maybe"): StoreError {
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", "The register is out of reach.", {
    applied,
  });
}
