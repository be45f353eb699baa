/** Promises that wait for the same thing. */
export class Waiters<T> {
  /** Made for the first: an elector has several of these, and mostly nothing waits. */
  #waiting: Set<(value: T) => void> | undefined;

  /** The next value; rejects with the signal's reason when that is aborted first. */
  wait(signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const onAbort = () => {
        this.#waiting?.delete(onValue);
        reject(signal?.reason);
      };
      const onValue = (value: T) => {
        signal?.removeEventListener("abort", onAbort);
        resolve(value);
      };
      this.#waiting ??= new Set();
      this.#waiting.add(onValue);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  resolve(value: T): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const onValue of waiting) onValue(value);
  }
}
