import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { allProcesses } from "./processes.ts";

/** How far apart two processes of a group may get one signal, in ms. */
const TOGETHER = 20;

/**
 * Tells Ctrl-C from `kill -INT`: Node.js does not say where a signal comes from. On a terminal the command
 * shares our process group, to which a key or a shell's `kill %1` sends the signal as a whole. So a small process
 * in this group does nothing but die of the signal, or not.
 */
export class Witness {
  /** Our process group. */
  readonly group = allProcesses().find(({ pid }) => pid === process.pid)?.group;
  #process: ChildProcess | undefined;
  #closed = false;

  constructor() {
    this.#begin();
  }

  /** Whether the whole group gets this signal, of which we have just heard. */
  async saw(signal: NodeJS.Signals): Promise<boolean> {
    const witness = this.#process;
    if (witness === undefined) return true;
    await sleep(TOGETHER);
    return witness.signalCode === signal || isPending(witness.pid, signal);
  }

  close(): void {
    this.#closed = true;
    this.#process?.kill("SIGKILL");
  }

  #begin(): void {
    const witness = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
    this.#process = witness;
    witness.stdin.on("error", () => {});
    witness.on("error", () => {
      this.#process = undefined;
    });
    // The next signal needs another one, and whoever asks about this one has it.
    witness.on("exit", () => {
      if (!this.#closed) setTimeout(() => this.#closed || this.#begin(), 10 * TOGETHER).unref();
    });
    witness.unref();
  }
}

/** Whether the signal has reached the process, which had no time yet to die of it. */
function isPending(pid: number | undefined, signal: NodeJS.Signals): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    if (/^State:\s*Z/m.test(status)) return true;
    const sets = [...status.matchAll(/^(?:SigPnd|ShdPnd):\s*(\w+)$/gm)];
    const bit = 1n << BigInt(constants.signals[signal] - 1);
    return sets.some(([, set]) => (BigInt(`0x${set}`) & bit) !== 0n);
  } catch {
    return false;
  }
}
