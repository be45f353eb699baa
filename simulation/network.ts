import { Random } from "./random.ts";
import type { Fate, Scenario } from "./scenario.ts";

/** The fate of a message when there is no fault. */
export const PROMPT = { there: 0.5, back: 0.5 } satisfies Fate;

/** The answer is lost. */
const UNHEARD: Fate = { ...PROMPT, back: undefined };

/** Decides whether messages arrive, and when. */
export class Network {
  readonly #scenario: Scenario;
  readonly #cuts = new Map<string, number>();
  readonly #sent: number[] = [];
  /** The fates that were drawn, for a scenario that lists them. */
  readonly drawn: Record<string, Fate> | undefined;
  readonly counts = { lost: 0, "answer lost": 0, late: 0, twice: 0 };
  #isCalm = false;
  #muted: number | undefined;

  constructor(scenario: Scenario, records: boolean) {
    this.#scenario = scenario;
    this.drawn = records ? {} : undefined;
  }

  /** From now on messages have no faults. */
  calm(): void {
    this.#isCalm = true;
    this.#cuts.clear();
  }

  /** From now on this process gets no answers, but its requests arrive. `undefined` ends this. */
  mute(process: number | undefined): void {
    this.#muted = process;
  }

  /** Blocks all messages between the two. Each call must be undone by one with a `by` of -1. */
  cut(process: number, server: number, by: 1 | -1): void {
    const link = `${process}-${server}`;
    this.#cuts.set(link, (this.#cuts.get(link) ?? 0) + by);
  }

  isCut(process: number, server: number): boolean {
    return this.#cuts.size > 0 && (this.#cuts.get(`${process}-${server}`) ?? 0) > 0;
  }

  /** Returns the fate of the next message from or to this process. */
  fate(process: number): Fate {
    const number = this.#sent[process] ?? 0;
    this.#sent[process] = number + 1;
    if (this.#isCalm) return process === this.#muted ? UNHEARD : PROMPT;
    const { fates } = this.#scenario;
    const fate = fates === undefined ? this.#draw(process, number) : fates[`${process}:${number}`];
    if (fate === undefined) return PROMPT;
    if (this.drawn !== undefined) this.drawn[`${process}:${number}`] = fate;
    if (fate.there === undefined) this.counts.lost += 1;
    if (fate.back === undefined) this.counts["answer lost"] += 1;
    if (fate.again !== undefined) this.counts.twice += 1;
    return fate;
  }

  /** Depends only on the seed, the process and the number of the message. */
  #draw(process: number, number: number): Fate {
    const { seed, weather } = this.#scenario;
    const random = new Random(seed, 1, process, number);
    const delay = () => {
      if (!random.chance(weather.late)) return random.between(0.1, 2 * weather.delay);
      this.counts.late += 1;
      return random.between(weather.delay, weather.latest);
    };
    const there = random.chance(weather.lost) ? undefined : delay();
    const back = random.chance(weather.answerLost) ? undefined : delay();
    const again = random.chance(weather.twice) ? random.between(0, weather.latest) : undefined;
    return { there, back, again };
  }
}
