import type { Timer } from "../../connections/timer.ts";

/** How long the answer of one is waited for before the next is asked as well, in ms. */
const PACE = 250;

/** Asks one after the other until one has answered. Rejects with the last failure when all have failed. */
export function firstAnswer<Answer>(
  questions: readonly (() => Promise<Answer>)[],
  timer: Timer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let asked = 0;
    let failed = 0;
    let isAnswered = false;
    const next = () => {
      const ask = questions[asked];
      if (ask === undefined || isAnswered) return;
      asked += 1;
      const cancel = timer(PACE, next);
      ask().then(
        (answer) => {
          isAnswered = true;
          cancel();
          resolve(answer);
        },
        (error: unknown) => {
          cancel();
          failed += 1;
          if (failed === questions.length) reject(error);
          else next();
        },
      );
    };
    next();
  });
}
