import { constants } from "node:os";
import type { Command } from "../supervise/command.ts";
import type { Reins } from "./command-term.ts";

const FORWARDED = ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH"] as const;
const ENDING = ["SIGTERM", "SIGINT", "SIGQUIT"] as const;

/** A signal ended this process. */
export class EndedBySignal extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}`);
    this.signal = signal;
  }

  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/** Handles the signals of this process: some end it and the command, the others are only forwarded to the command. */
export class SignalReins implements Reins {
  readonly #end: (reason: EndedBySignal) => void;
  readonly #mindsHangup: boolean;
  #command: Command | undefined;
  #ending: NodeJS.Signals | undefined;
  readonly #listeners: { signal: NodeJS.Signals; listener: () => void }[];

  /** @param mindsHangup whether SIGHUP ends this process while no command runs. */
  constructor(end: (reason: EndedBySignal) => void, mindsHangup: boolean) {
    this.#end = end;
    this.#mindsHangup = mindsHangup;
    this.#listeners = [
      ...ENDING.map((signal) => ({ signal, listener: () => this.#finish(signal) })),
      ...FORWARDED.map((signal) => ({ signal, listener: () => this.#forward(signal) })),
    ];
    for (const { signal, listener } of this.#listeners) process.on(signal, listener);
  }

  get ending(): NodeJS.Signals | undefined {
    return this.#ending;
  }

  drive(command: Command): () => void {
    this.#command = command;
    return () => {
      this.#command = undefined;
    };
  }

  letGo(): void {
    for (const { signal, listener } of this.#listeners) process.off(signal, listener);
  }

  #finish(signal: NodeJS.Signals): void {
    this.#ending ??= signal;
    this.#end(new EndedBySignal(signal));
  }

  #forward(signal: NodeJS.Signals): void {
    if (this.#command !== undefined) void this.#command.forward(signal);
    // The terminal was closed, and there is no command that could handle the signal.
    else if (signal === "SIGHUP" && this.#mindsHangup) this.#finish(signal);
  }
}
