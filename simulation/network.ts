import { Random } from "./random.ts";
import type { Fate, Scenario } from "./scenario.ts";

/** What becomes of a message when nothing is the matter. */
export const PROMPT = { there: 0.5, back: 0.5 } satisfies Fate;

/** The answer is lost. */
const UNHEARD: Fate = { ...PROMPT, back: undefined };

/** Whether messages come through, and when. */
export class Network {
  readonly #scenario: Scenario;
  readonly #cuts = new Map<string, number>();
  readonly #sent: number[] = [];
  /** The fates that were drawn, for a scenario that tells them one by one. */
  readonly drawn: Record<string, Fate> | undefined;
  readonly counts = { lost: 0, "answer lost": 0, late: 0, twice: 0 };
  #isCalm = false;
  #muted: number | undefined;

  constructor(scenario: Scenario, records: boolean) {
    this.#scenario = scenario;
    this.drawn = records ? {} : undefined;
  }

  /** From now on nothing happens to messages. */
  calm(): void {
    this.#isCalm = true;
    this.#cuts.clear();
  }

  /** From now on this process, if any, hears no answers. What it sends arrives. */
  mute(process: number | undefined): void {
    this.#muted = process;
  }

  /** Nothing comes through between the two; as often to be undone by `by` of -1. */
  cut(process: number, server: number, by: 1 | -1): void {
    const link = `${process}-${server}`;
    this.#cuts.set(link, (this.#cuts.get(link) ?? 0) + by);
  }

  isCut(process: number, server: number): boolean {
    return this.#cuts.size > 0 && (this.#cuts.get(`${process}-${server}`) ?? 0) > 0;
  }

  /** The fate of the next message from or to this process. */
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

  /** Depends on nothing but the seed, the process and the number. */
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
