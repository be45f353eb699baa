import { StoreError } from "../../../errors.ts";
import type { Timer } from "../../connections/timer.ts";
import type { OpenDriver, SentinelAnswer } from "../client/redis-driver.ts";
import { storeErrorOf } from "../client/redis-errors.ts";
import { type Primary, SentinelLink } from "./sentinel-link.ts";

/** How long a Sentinel may take to answer before its connection is given up, in ms. */
const LONGEST_ANSWER = 1000;

/** How long the others are waited for when a majority has answered, in ms. */
const GRACE = 100;

/** One address of the list. */
interface Sentinel {
  readonly link: SentinelLink;
  /** It was waited for in vain, and has not answered since. */
  isSilent: boolean;
}

/** Those that watch over one primary, and the connections to them. */
export class Sentinels {
  readonly #sentinels: readonly Sentinel[];
  readonly #timer: Timer;
  /** How many connections to servers rely on them. */
  #users = 0;

  constructor(name: string, places: readonly OpenDriver[], timer: Timer) {
    this.#sentinels = places.map((open) => {
      return { link: new SentinelLink(open, name), isSilent: false };
    });
    this.#timer = timer;
  }

  /** To be called before they are asked. The last that leaves ends the connections. */
  join(): () => void {
    this.#users += 1;
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#users -= 1;
      if (this.#users === 0) for (const { link } of this.#sentinels) link.end();
    };
  }

  /**
   * The primary as of now, by the newest of their answers. Rejects with a `StoreError` unless a majority
   * of them answers: behind a partition, the others may have made another server the primary. One Sentinel
   * under two addresses counts once.
   */
  primary(): Promise<Primary> {
    return new Promise((resolve, reject) => {
      // Which are the same is known from the first answer on, so this may become less.
      const needed = () => Math.floor(countOf(this.#sentinels) / 2) + 1;
      const answers = new Map<Sentinel, Primary>();
      const failures: unknown[] = [];
      const open = new Set(this.#sentinels);
      let cancelGrace = () => {};
      const settle = () => {
        cancelGrace();
        if (countOf(answers.keys()) >= needed()) resolve(newest([...answers.values()]));
        else reject(tooFew(countOf(this.#sentinels), needed(), failures));
      };
      const onGrace = () => {
        for (const sentinel of open) sentinel.isSilent = true;
        settle();
      };
      const onEnd = (sentinel: Sentinel) => {
        open.delete(sentinel);
        if (countOf([...answers.keys(), ...open]) < needed()) return settle();
        if (countOf(answers.keys()) < needed()) return;
        if ([...open].every(({ isSilent }) => isSilent)) return settle();
        cancelGrace();
        cancelGrace = this.#timer(GRACE, onGrace);
      };
      for (const sentinel of this.#sentinels) {
        this.#ask(sentinel).then(
          (answer) => {
            answers.set(sentinel, answer);
            onEnd(sentinel);
          },
          (error: unknown) => {
            failures.push(error);
            onEnd(sentinel);
          },
        );
      }
    });
  }

  /** What each of them says, also if a majority does not. */
  survey(): Promise<SentinelAnswer[]> {
    const answers = this.#sentinels.map(async (sentinel): Promise<SentinelAnswer> => {
      try {
        const { host, port, others } = await this.#ask(sentinel);
        return { primary: `${host}:${port}`, others, sentinel: sentinel.link.sentinel };
      } catch (failure) {
        return { failure };
      }
    });
    return Promise.all(answers);
  }

  #ask(sentinel: Sentinel): Promise<Primary> {
    return new Promise((resolve, reject) => {
      const onLate = () => {
        sentinel.link.end();
        reject(new Error("it did not answer in time"));
      };
      // In two steps: after the process stood still, the answer may be there and not have been read yet.
      let cancelLate = this.#timer(LONGEST_ANSWER, () => {
        cancelLate = this.#timer(GRACE, onLate);
      });
      sentinel.link
        .ask()
        .then(
          (answer) => {
            sentinel.isSilent = false;
            resolve(answer);
          },
          (error: unknown) => {
            sentinel.link.end();
            reject(error);
          },
        )
        .finally(() => cancelLate());
    });
  }
}

/** How many Sentinels these are, as far as they say who they are. */
function countOf(sentinels: Iterable<Sentinel>): number {
  return new Set(Array.from(sentinels, ({ link }) => link.sentinel)).size;
}

function newest(answers: readonly Primary[]): Primary {
  return answers.reduce((best, answer) => (answer.epoch > best.epoch ? answer : best));
}

/** The lease may have been written by now, but must not be relied upon. */
function tooFew(count: number, needed: number, failures: readonly unknown[]): StoreError {
  const { code, message } = storeErrorOf(failures[0]);
  // Not how many answered: the others are not waited for.
  const detail = `${failures.length} of ${count} Sentinels did not answer, and ${needed} must: ${message}`;
  return new StoreError(code, `Redis Sentinel: ${detail}`, { applied: "maybe", detail });
}
