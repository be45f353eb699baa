import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { allProcesses } from "./processes.ts";

/** The longest time between the arrival of one signal at two processes of a group, in ms. */
const TOGETHER = 20;

/**
 * Distinguishes Ctrl-C from `kill -INT`, since Node.js does not say where a signal comes from. On a terminal
 * the command shares our process group, and a key or a shell's `kill %1` signals the whole group. A small
 * process in this group dies of such a signal, and survives one that was sent to this process only.
 */
export class Witness {
  /** Our process group. */
  readonly group = allProcesses().find(({ pid }) => pid === process.pid)?.group;
  #process: ChildProcess | undefined;
  #closed = false;

  constructor() {
    this.#begin();
  }

  /** Whether the signal that this process has just received was sent to the whole group. */
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
    // The next signal needs a new process; callers of `saw` still hold the old one.
    witness.on("exit", () => {
      if (!this.#closed) setTimeout(() => this.#closed || this.#begin(), 10 * TOGETHER).unref();
    });
    witness.unref();
  }
}

/** Whether the process has received the signal but has not yet died of it. */
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
