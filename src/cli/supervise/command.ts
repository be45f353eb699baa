import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { Writable } from "node:stream";
import { randomId } from "../../elector/environment.ts";
import { endFamily, type Reluctance } from "./end-family.ts";
import { Family, MARKER } from "./family.ts";
import { deafToHangup } from "./hangup.ts";
import { launcherFor } from "./launcher.ts";
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
  /** Its standard output and standard error are ours. */
  readonly stdin: "inherit" | "ignore";
  /** Whether it is a shell command rather than a program and its arguments. */
  readonly shell?: boolean;
  /** Whether it is to ignore SIGHUP. */
  readonly deaf?: boolean;
  /** Whether it waits for {@link Command.begin}, as far as the system allows. */
  readonly held?: boolean;
}

/** A running program with every process that it has started. */
export class Command {
  readonly family: Family;
  /** Never rejects. If the program cannot be started, this resolves as a shell would report it. */
  readonly ended: Promise<CommandEnd>;
  readonly #process: ChildProcess | undefined;
  /** Lets a held program begin. If it is closed, or this process dies, the program never does. */
  readonly #word: Writable | undefined;
  readonly #witness: Witness | undefined;
  #unwatch: () => void = () => {};

  /** Starts the program. Its family must be made, and known to the guard, before. */
  constructor(family: Family, program: readonly string[], around: Surroundings) {
    this.family = family;
    this.#witness = around.witness;
    const marks = [around.env[MARKER], family.mark].filter((mark) => mark !== undefined);
    try {
      this.#process = spawnProgram(program, { ...around.env, [MARKER]: marks.join(":") }, around);
    } catch (error) {
      this.ended = Promise.resolve(notStarted(error, program));
      return;
    }
    const { pid, stdio } = this.#process;
    const word = stdio[3];
    if (word instanceof Writable) this.#word = word.on("error", () => {});
    if (pid !== undefined) {
      family.add(pid);
      this.#unwatch = family.watch();
    }
    this.ended = this.#end(this.#process, program);
  }

  /** Lets a held program begin; does nothing otherwise. */
  begin(): void {
    this.#word?.end("go\n", () => this.#word?.destroy());
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
    this.#word?.destroy();
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

  #end(child: ChildProcess, program: readonly string[]): Promise<CommandEnd> {
    return new Promise((resolve) => {
      child.once("error", (error) => {
        if (child.pid === undefined) resolve(notStarted(error, program));
      });
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
  }
}

/** Makes the family for a program that is about to be started. */
export function newFamily(): Family {
  return new Family(randomId());
}

function spawnProgram(
  program: readonly string[],
  env: NodeJS.ProcessEnv,
  { stdin, witness, shell = false, deaf = false, held = false }: Surroundings,
): ChildProcess {
  // On a terminal it must stay in our process group to be able to use the terminal.
  const detached = witness === undefined;
  const whole = shell ? ["/bin/sh", "-c", ...program] : program;
  const launcher = held ? launcherFor(whole, env, deaf) : undefined;
  if (launcher !== undefined) {
    const stdio = [stdin, "inherit", "ignore", "pipe", 2] as const;
    return spawn(launcher.file, launcher.args, { detached, env: launcher.env, stdio: [...stdio] });
  }
  const [file = "", ...args] = deaf ? deafToHangup(program) : program;
  return spawn(file, args, { detached, env, shell, stdio: [stdin, "inherit", "inherit"] });
}

function notStarted(error: unknown, [name = ""]: readonly string[]): CommandEnd {
  const { exitCode, message } = startFailureOf(error, name);
  return { code: exitCode, signal: null, failure: message };
}

/** The exit code that a shell would report: that of the command, or 128 plus the number of the signal. */
export function exitCodeOf({ code, signal }: CommandEnd): number {
  return signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}
