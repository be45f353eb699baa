/** Wakes one sleeper; a ring since the last reset, before the sleep begins, is kept. */
export class Bell {
  #ring: () => void = () => {};
  #rung: Promise<void> = Promise.resolve();

  reset(): void {
    this.#rung = new Promise((resolve) => {
      this.#ring = resolve;
    });
  }

  ring(): void {
    this.#ring();
  }

  rung(): Promise<void> {
    return this.#rung;
  }
}
