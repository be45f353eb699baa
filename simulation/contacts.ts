/** Which processes have got answers from the machine that has an address, and from the one that had it before. */
export class Contacts {
  #hearers = new Set<number>();
  /** Those who got answers from the previous machine, which the present one does not know. */
  #informed: ReadonlySet<number> | undefined;

  /** Another machine has the address, which knows what the previous one has granted, or does not. */
  moved(knows: boolean): void {
    this.#informed = knows ? undefined : this.#hearers;
    this.#hearers = new Set();
  }

  /** What the previous machine has granted is over. */
  forgive(): void {
    this.#informed = undefined;
  }

  /** Called when the machine answers; the returned function when the process receives that. */
  hearing(process: number): () => void {
    const hearers = this.#hearers;
    return () => void hearers.add(process);
  }

  /** Whether the process never had contact with the previous machine, and so cannot know what it granted. */
  isUninformed(process: number): boolean {
    return this.#informed !== undefined && !this.#informed.has(process);
  }

  /** Forgets the process, whose number another process will get. */
  forget(process: number): void {
    this.#hearers.delete(process);
    if (this.#informed === undefined) return;
    this.#informed = new Set([...this.#informed].filter((other) => other !== process));
  }
}
