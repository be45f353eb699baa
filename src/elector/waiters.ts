/** Promises that wait for the same thing. */
export class Waiters<T> {
  /** Made with the first: most electors are waited for by nothing. */
  #waiting: Set<(value: T) => void> | undefined;

  /** The next value; rejects with the signal's reason when that is aborted first. */
  wait(signal?: AbortSignal): Promise<T> {
    this.#waiting ??= new Set();
    const waiting = this.#waiting;
    return new Promise<T>((resolve, reject) => {
      const onAbort = () => {
        waiting.delete(onValue);
        reject(signal?.reason);
      };
      const onValue = (value: T) => {
        signal?.removeEventListener("abort", onAbort);
        resolve(value);
      };
      waiting.add(onValue);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  resolve(value: T): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const onValue of waiting) onValue(value);
  }
}
