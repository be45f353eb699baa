import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { type Family, isAlive, MARKER, signalFamily } from "./survivors.ts";

/** How a command ended: its own code, or the signal that ended it. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** From one look at survivors to the next, in ms. */
const LOOK_EVERY = 20;

/** A command that runs, with everything that it starts. */
export class Command {
  /** Nothing where it could not be started. */
  readonly family: Family | undefined;
  /** Rejects if it could not be started. */
  readonly ended: Promise<CommandEnd>;
  readonly #process: ChildProcess;

  /** Starts it, without a shell, on our own standard input and output. */
  constructor([file = "", ...args]: readonly string[], mark: string, env: NodeJS.ProcessEnv) {
    // On a terminal it stays in our process group, or it could not use the terminal.
    const isGroup = process.stdin.isTTY !== true;
    this.#process = spawn(file, args, {
      stdio: "inherit",
      env: { ...env, [MARKER]: mark },
      detached: isGroup,
    });
    const { pid } = this.#process;
    this.family = pid === undefined ? undefined : { head: pid, isGroup, mark };
    this.ended = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("exit", (code, signal) => resolve({ code, signal }));
    });
    this.ended.catch(() => {});
  }

  /** Passes a signal on to the command. On a terminal that has done so itself where it is a key. */
  forward(signal: NodeJS.Signals): void {
    if (this.family === undefined) return;
    const fromKeyboard = ["SIGINT", "SIGWINCH"].includes(signal);
    if (!this.family.isGroup && fromKeyboard) return;
    signalFamily(this.family, signal);
  }

  /**
   * Ends the command and all that it has started: `signal`, at most `grace` ms of patience, SIGKILL.
   * Resolves when nothing of it is alive.
   */
  async end(signal: NodeJS.Signals, grace: number): Promise<void> {
    const { family } = this;
    if (family === undefined) return;
    const deadline = performance.now() + grace;
    if (grace > 0 && isAlive(family)) this.forward(signal);
    while (isAlive(family)) {
      if (performance.now() >= deadline) signalFamily(family, "SIGKILL");
      await sleep(LOOK_EVERY);
    }
    await this.ended;
  }
}

/** The code that a shell would give: its own, or 128 and the number of the signal. */
export function exitCodeOf({ code, signal }: CommandEnd): number {
  return signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}
