/** Wakes one sleeper; a signal since the last reset, before the sleep begins, is kept. */
export class WakeSignal {
  #give: () => void = () => {};
  #given: Promise<void> = Promise.resolve();

  reset(): void {
    this.#given = new Promise((resolve) => {
      this.#give = resolve;
    });
  }

  give(): void {
    this.#give();
  }

  given(): Promise<void> {
    return this.#given;
  }
}
