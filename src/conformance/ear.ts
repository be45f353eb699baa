import type { Hint } from "../stores/lease-store.ts";
import { BrokenRule } from "./expectations.ts";
import { within } from "./real-time.ts";

/** A listener that records the hints it receives. */
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

  /** Runs `cause`, and fails if the hint does not arrive in time. */
  async hears(hint: Hint, cause: () => Promise<unknown>): Promise<void> {
    const before = this.heard.length;
    await cause();
    const message = `the hint "${hint}" must arrive within ${this.#patience} ms`;
    const isHeard = () => this.heard.slice(before).includes(hint);
    await within(this.#patience, message, this.#until(isHeard));
  }

  /** Waits up to `patience` ms, and returns whether a hint has arrived since the last `forget`. */
  async hasHeard(patience: number): Promise<boolean> {
    try {
      const isHeard = () => this.heard.length > 0;
      await within(patience, "no hint arrived", this.#until(isHeard));
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
