import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Family, Known } from "./family.ts";
import type { StatusFile } from "./status-file.ts";

/** What the guard hears, one JSON object a line. */
export type GuardOrder =
  | {
      readonly order: "protect";
      /** In ms. */
      readonly grace: number;
      readonly statusFile: StatusFile | undefined;
    }
  | { readonly order: "know"; readonly mark: string; readonly known: readonly Known[] }
  | { readonly order: "forget"; readonly mark: string }
  /** The lease was renewed: all may live for so many ms, from `at` on the clock of {@link machineTime}. */
  | { readonly order: "extend"; readonly forMs: number; readonly at: number }
  | { readonly order: "dismiss" };

/** A guard that keeps dying is started again once in so many ms. */
const START_EVERY = 1000;

/** What the guard is there for. */
interface Charge {
  /** In ms. */
  readonly grace: number;
  readonly statusFile: StatusFile | undefined;
  /** How long all may live from now on, in ms. */
  readonly remaining: () => number;
  /** Hears that the guard has died, and that there is a new one. */
  readonly note: (text: string) => void;
}

/**
 * A small process that kills the command when its time is up. It is there for what this process cannot
 * see to: its own SIGKILL, SIGSTOP, crash or blocked event loop.
 */
export class Guard {
  readonly #charge: Charge;
  readonly #families = new Set<Family>();
  #process: ChildProcess;
  #again: NodeJS.Timeout | undefined;

  /** To be made before the command: from then on nothing of a family that it knows outlives the lease. */
  constructor(charge: Charge) {
    this.#charge = charge;
    this.#process = this.#begin();
  }

  /** A family that it guards, by its mark before anything of it has started, and then by its processes. */
  know(family: Family): void {
    this.#families.add(family);
    const { mark, known } = family;
    this.#tell({ order: "know", mark, known });
  }

  /** It may live on. */
  forget(family: Family): void {
    this.#families.delete(family);
    this.#tell({ order: "forget", mark: family.mark });
  }

  extend(): void {
    this.#tell({ order: "extend", forMs: this.#charge.remaining(), at: machineTime() });
  }

  /** Everything is dead: there is nothing left to guard. */
  dismiss(): void {
    clearTimeout(this.#again);
    this.#process.removeAllListeners("exit");
    this.#tell({ order: "dismiss" });
    this.#process.stdin?.end();
    this.#process.unref();
  }

  #begin(): ChildProcess {
    const script = fileURLToPath(new URL("./guard-process.js", import.meta.url));
    // A session of its own: what the terminal sends to us must not end it.
    const guard = spawn(process.execPath, [script], {
      detached: true,
      stdio: ["pipe", "ignore", "inherit"],
    });
    this.#process = guard;
    const startedAt = performance.now();
    guard.stdin?.on("error", () => {});
    const replace = (why: string) => {
      const wait = Math.max(0, startedAt + START_EVERY - performance.now());
      this.#charge.note(`the guard of the command has ended (${why}); another one is started`);
      this.#again = setTimeout(() => this.#begin(), wait);
    };
    guard.once("exit", (code, signal) => replace(String(signal ?? code)));
    guard.once("error", (error) => {
      if (guard.pid === undefined) replace(error.message);
    });
    const { grace, statusFile } = this.#charge;
    this.#tell({ order: "protect", grace, statusFile });
    for (const family of this.#families) this.know(family);
    this.extend();
    return guard;
  }

  #tell(order: GuardOrder): void {
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
  }
}

/** A clock that all processes of a machine share, in ms. */
export function machineTime(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
