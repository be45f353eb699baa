import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { randomId } from "../../elector/environment.ts";
import { endFamily, type Reluctance } from "./end-family.ts";
import { Family, MARKER } from "./family.ts";
import type { Process } from "./processes.ts";
import { startFailureOf } from "./start-failure.ts";
import type { Witness } from "./witness.ts";

/** How a command ended: its own code, or the signal that ended it. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started, where that is so. */
  readonly failure?: string;
}

/** How a program is started. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** On a terminal: what knows of the signals that a whole process group gets. */
  readonly witness: Witness | undefined;
  readonly stdio: SpawnOptions["stdio"];
  /** For a line of a shell, in place of a program and its arguments. */
  readonly shell?: boolean;
}

/** A program that runs, with everything that it starts. */
export class Command {
  readonly family: Family;
  /** Never rejects: one that could not be started has ended, as a shell would say it. */
  readonly ended: Promise<CommandEnd>;
  readonly #process: ChildProcess | undefined;
  readonly #witness: Witness | undefined;
  #unwatch: () => void = () => {};

  /** Starts it, without a shell unless one is asked for. Its family is made, and made known, before it. */
  constructor(family: Family, [file = "", ...args]: readonly string[], around: Surroundings) {
    this.family = family;
    this.#witness = around.witness;
    const marks = [around.env[MARKER], family.mark].filter((mark) => mark !== undefined);
    const options: SpawnOptions = {
      stdio: around.stdio,
      shell: around.shell ?? false,
      env: { ...around.env, [MARKER]: marks.join(":") },
      // On a terminal it stays in our process group, or it could not use the terminal.
      detached: around.witness === undefined,
    };
    try {
      this.#process = spawn(file, args, options);
    } catch (error) {
      this.ended = Promise.resolve(notStarted(error));
      return;
    }
    const { pid } = this.#process;
    if (pid !== undefined) {
      family.add(pid);
      this.#unwatch = family.watch();
    }
    this.ended = this.#end(this.#process);
  }

  /** Passes a signal on to the program alone. It has it already when it went to our whole group. */
  async forward(signal: NodeJS.Signals): Promise<void> {
    // A resized terminal tells the group; nothing dies of that, so nothing can be said of it.
    if (this.#witness !== undefined && signal === "SIGWINCH") return;
    if (await this.#witness?.saw(signal)) return;
    this.#process?.kill(signal);
  }

  /**
   * Ends the program and all that it has started: `signal`, patience while `killNow` says no, SIGKILL. Resolves
   * when nothing of it is alive, and not before.
   */
  async end(
    signal: NodeJS.Signals,
    killNow: () => boolean,
    report: (reluctance: Reluctance) => void,
  ): Promise<void> {
    const witness = (await this.#witness?.saw(signal)) === true ? this.#witness : undefined;
    const spare = (one: Process) => one.group === witness?.group;
    await endFamily(this.family, signal, killNow, report, spare);
    this.#unwatch();
    // Where other users' processes are hidden, that of the program itself may be one of them.
    await this.ended;
  }

  /** What it has left behind may live on. */
  leave(): void {
    this.#unwatch();
  }

  #end(child: ChildProcess): Promise<CommandEnd> {
    return new Promise((resolve) => {
      child.once("error", (error) => {
        if (child.pid === undefined) resolve(notStarted(error));
      });
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
  }
}

/** A family for a program that is about to be started. */
export function newFamily(): Family {
  return new Family(randomId());
}

function notStarted(error: unknown): CommandEnd {
  const { exitCode, message } = startFailureOf(error);
  return { code: exitCode, signal: null, failure: message };
}

/** The code that a shell would give: its own, or 128 and the number of the signal. */
export function exitCodeOf({ code, signal }: CommandEnd): number {
  return signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}
