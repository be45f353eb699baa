import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { StatusFile } from "../serve/status-file.ts";
import type { Family, Known } from "./family.ts";

/** An order to the guard process, one JSON object per line. */
export type GuardOrder =
  | {
      readonly order: "protect";
      /** In ms. */
      readonly grace: number;
      readonly statusFile: StatusFile | undefined;
    }
  | { readonly order: "know"; readonly mark: string; readonly known: readonly Known[] }
  | { readonly order: "forget"; readonly mark: string }
  /** The lease was renewed: processes may live for `forMs` from `at`, on the clock of {@link machineTime}. */
  | { readonly order: "extend"; readonly forMs: number; readonly at: number }
  | { readonly order: "dismiss" };

/** The shortest time between two starts of a guard that keeps dying, in ms. */
const START_EVERY = 1000;

/** What the guard needs to know about the run. */
interface Charge {
  /** In ms. */
  readonly grace: number;
  readonly statusFile: StatusFile | undefined;
  /** How long the guarded processes may live from now on, in ms. */
  readonly remaining: () => number;
  /** Called when the guard has died and is started again. */
  readonly note: (text: string) => void;
}

/**
 * A small process that kills the command when its time is up, for the cases in which this process cannot:
 * it got SIGKILL or SIGSTOP, crashed, or its event loop is blocked.
 */
export class Guard {
  readonly #charge: Charge;
  readonly #families = new Set<Family>();
  #process: ChildProcess;
  #again: NodeJS.Timeout | undefined;
  /** Reports that no guard has taken, since the last one had died. The next one gets them. */
  #untaken: (() => void)[] = [];

  /** Must be made before the command. From then on, no process of a known family outlives the lease. */
  constructor(charge: Charge) {
    this.#charge = charge;
    this.#process = this.#begin();
  }

  /**
   * Guards a family. Called before its program starts, so that the mark is known, and after, with its pid.
   * Resolves when the report is in the pipe of a guard, which will read it even if this process is dead.
   */
  know(family: Family): Promise<void> {
    this.#families.add(family);
    return new Promise((resolve) => this.#report(family, resolve));
  }

  /** No longer guards the family, which may keep running. */
  forget(family: Family): void {
    this.#families.delete(family);
    this.#send({ order: "forget", mark: family.mark });
  }

  extend(): void {
    this.#send({ order: "extend", forMs: this.#charge.remaining(), at: machineTime() });
  }

  /** Ends the guard, once every guarded process is dead. */
  dismiss(): void {
    clearTimeout(this.#again);
    this.#process.removeAllListeners("exit");
    this.#send({ order: "dismiss" });
    this.#process.stdin?.end();
    this.#process.unref();
  }

  #begin(): ChildProcess {
    const script = fileURLToPath(new URL("./guard-process.js", import.meta.url));
    // In its own session, so that a signal from the terminal does not end it.
    const guard = spawn(process.execPath, [script], {
      detached: true,
      stdio: ["pipe", "ignore", "inherit"],
    });
    this.#process = guard;
    const startedAt = performance.now();
    guard.stdin?.on("error", () => {});
    const replace = (why: string) => {
      const wait = Math.max(0, startedAt + START_EVERY - performance.now());
      this.#charge.note(`the guard of the command has ended (${why}) and is started again`);
      this.#again = setTimeout(() => this.#begin(), wait);
    };
    guard.once("exit", (code, signal) => replace(String(signal ?? code)));
    guard.once("error", (error) => {
      if (guard.pid === undefined) replace(error.message);
    });
    const { grace, statusFile } = this.#charge;
    this.#send({ order: "protect", grace, statusFile });
    for (const family of this.#families) this.#report(family);
    for (const again of this.#untaken.splice(0)) again();
    this.extend();
    return guard;
  }

  #report(family: Family, taken: () => void = () => {}): void {
    const { mark, known } = family;
    const guard = this.#process;
    this.#send({ order: "know", mark, known }, (isTaken) => {
      // Without any guard, the program begins nevertheless, as it goes on if the guard dies.
      if (isTaken || guard.pid === undefined) taken();
      else if (guard === this.#process) this.#untaken.push(() => this.#report(family, taken));
      else this.#report(family, taken);
    });
  }

  #send(order: GuardOrder, done: (isTaken: boolean) => void = () => {}): void {
    const { stdin } = this.#process;
    // If the guard could not be started, it may have no standard input.
    if (stdin === null || stdin === undefined) done(false);
    else stdin.write(`${JSON.stringify(order)}\n`, (error) => done(error == null));
  }
}

/** The time in ms on a clock that all processes of a machine share. */
export function machineTime(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
