import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Family } from "./survivors.ts";

/** What the guard is told, one JSON object a line. Durations in ms from when it is read. */
export type GuardOrder =
  | {
      readonly order: "protect";
      readonly family: Family;
      readonly grace: number;
      readonly statusFile: string | undefined;
    }
  | { readonly order: "know"; readonly family: Family }
  /** The lease was renewed: the command may live for so long. */
  | { readonly order: "extend"; readonly forMs: number }
  | { readonly order: "dismiss" };

/**
 * A small process that kills the command when its time is up. It is there for what this process cannot
 * see to: its own SIGKILL, SIGSTOP, crash or blocked event loop.
 */
export class Guard {
  readonly #process: ChildProcess;

  /** To be made before the command: from then on nothing with its mark outlives the lease. */
  constructor(mark: string, grace: number, statusFile: string | undefined, forMs: number) {
    const script = fileURLToPath(new URL("./guard-process.js", import.meta.url));
    // A session of its own: what the terminal sends to us must not end it.
    this.#process = spawn(process.execPath, [script], {
      detached: true,
      stdio: ["pipe", "ignore", "inherit"],
    });
    // It has gone before its time; the command is then ours alone to end.
    this.#process.on("error", () => {});
    this.#process.stdin?.on("error", () => {});
    const family = { mark, head: undefined, isGroup: false };
    this.#tell({ order: "protect", family, grace, statusFile });
    this.extend(forMs);
  }

  /** Now it has started. */
  know(family: Family): void {
    this.#tell({ order: "know", family });
  }

  extend(forMs: number): void {
    this.#tell({ order: "extend", forMs });
  }

  /** Everything of the family is dead: there is nothing left to guard. */
  dismiss(): void {
    this.#tell({ order: "dismiss" });
    this.#process.stdin?.end();
    this.#process.unref();
  }

  #tell(order: GuardOrder): void {
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
  }
}
