import type { Asked, AskedRequest, Question } from "./asked-request.ts";

/**
 * Renewals that wait to be sent, one for each lease. An elector that has no answer asks again and again; if each of its
 * requests took a place of its own in the queue, a server that is too slow for ten thousand renewals would have to carry
 * out two or three times as many, and all leases were lost (measured).
 */
export class WaitingRenewals<Name extends string, Reply> {
  readonly #waiting = new Map<string, AskedRequest<Name, Reply>>();

  /** The one that waits for the same lease, and can stand for this question as well. */
  same<Answer>(question: Question<Name, Reply, Answer>): Asked<Name, Reply, Answer> | undefined {
    const { renews, request, name } = question;
    // One that has a signal is rejected with it, and would take the other along.
    if (renews === undefined || request.isAwaited !== true) return undefined;
    const waiting = this.#waiting.get(renews);
    if (waiting?.name !== name || !waiting.isAwaited) return undefined;
    // Questions of one name have one kind of answer.
    return waiting as Asked<Name, Reply, Answer>;
  }

  add(asked: AskedRequest<Name, Reply>): void {
    if (asked.renews === undefined || asked.request.isAwaited === undefined) return;
    this.#waiting.set(asked.renews, asked);
  }

  /** It has been sent, or never will be. */
  delete(asked: AskedRequest<Name, Reply>): void {
    if (asked.renews === undefined || this.#waiting.get(asked.renews) !== asked) return;
    this.#waiting.delete(asked.renews);
  }

  clear(): void {
    this.#waiting.clear();
  }
}
