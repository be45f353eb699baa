import type { Hint } from "../stores/lease-store.ts";
import { BrokenRule } from "./expectations.ts";
import { within } from "./real-time.ts";

/** A listener, and the hints that it has heard. */
export class Ear {
  heard: Hint[] = [];
  unwatch: () => void = () => {};
  readonly #patience: number;
  #wake: () => void = () => {};

  constructor(patience: number) {
    this.#patience = patience;
  }

  hear(hint: Hint): void {
    this.heard.push(hint);
    this.#wake();
  }

  forget(): void {
    this.heard = [];
  }

  /** Does what is to be heard of, and fails if this hint does not come. */
  async hears(hint: Hint, cause: () => Promise<unknown>): Promise<void> {
    const before = this.heard.length;
    await cause();
    const message = `the hint "${hint}" must come within ${this.#patience} ms`;
    const isHeard = () => this.heard.slice(before).includes(hint);
    await within(this.#patience, message, this.#until(isHeard));
  }

  /** Whether anything was heard since the last `forget`, after waiting for `patience` ms at most. */
  async hasHeard(patience: number): Promise<boolean> {
    try {
      const isHeard = () => this.heard.length > 0;
      await within(patience, "nothing was heard", this.#until(isHeard));
      return true;
    } catch (error) {
      if (error instanceof BrokenRule) return false;
      throw error;
    }
  }

  #until(isHeard: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        if (isHeard()) resolve();
      };
      this.#wake();
    });
  }
}
