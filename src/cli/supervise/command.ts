import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { randomId } from "../../elector/environment.ts";
import { endFamily, type Reluctance } from "./end-family.ts";
import { Family, MARKER } from "./family.ts";
import type { Process } from "./processes.ts";
import { startFailureOf } from "./start-failure.ts";
import type { Witness } from "./witness.ts";

/** How a command ended: its exit code, or the signal that ended it. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started; absent if it was. */
  readonly failure?: string;
}

/** The surroundings in which a program is started. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** On a terminal, this detects signals that were sent to the whole process group. */
  readonly witness: Witness | undefined;
  readonly stdio: SpawnOptions["stdio"];
  /** Whether it is a shell command rather than a program and its arguments. */
  readonly shell?: boolean;
}

/** A running program with every process that it has started. */
export class Command {
  readonly family: Family;
  /** Never rejects. If the program cannot be started, this resolves as a shell would report it. */
  readonly ended: Promise<CommandEnd>;
  readonly #process: ChildProcess | undefined;
  readonly #witness: Witness | undefined;
  #unwatch: () => void = () => {};

  /** Starts the program. Its family must be made, and known to the guard, before. */
  constructor(family: Family, [file = "", ...args]: readonly string[], around: Surroundings) {
    this.family = family;
    this.#witness = around.witness;
    const marks = [around.env[MARKER], family.mark].filter((mark) => mark !== undefined);
    const options: SpawnOptions = {
      stdio: around.stdio,
      shell: around.shell ?? false,
      env: { ...around.env, [MARKER]: marks.join(":") },
      // On a terminal it must stay in our process group to be able to use the terminal.
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

  /** Passes a signal on to the program only, unless our whole process group has received it already. */
  async forward(signal: NodeJS.Signals): Promise<void> {
    // A resized terminal signals the whole group. The witness does not die of it, so it cannot detect it.
    if (this.#witness !== undefined && signal === "SIGWINCH") return;
    if (await this.#witness?.saw(signal)) return;
    this.#process?.kill(signal);
  }

  /**
   * Ends the program and all that it has started: sends `signal`, waits until `killNow` returns true, then
   * sends SIGKILL. Resolves only when all of these processes are dead.
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
    // If the system hides other users' processes, the program's own process may be hidden too.
    await this.ended;
  }

  /** Stops watching: processes that the program left behind may keep running. */
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

/** Makes the family for a program that is about to be started. */
export function newFamily(): Family {
  return new Family(randomId());
}

function notStarted(error: unknown): CommandEnd {
  const { exitCode, message } = startFailureOf(error);
  return { code: exitCode, signal: null, failure: message };
}

/** The exit code that a shell would report: that of the command, or 128 plus the number of the signal. */
export function exitCodeOf({ code, signal }: CommandEnd): number {
  return signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}
