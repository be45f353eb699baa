import type { Elector } from "../../elector/elector.ts";
import type { Logger } from "../../elector/log.ts";
import type { Term } from "../../elector/terms/term.ts";
import {
  removeStatusFile,
  type StatusFile,
  statusFileOf,
  writeStatusFile,
} from "../serve/status-file.ts";
import type { Command, CommandEnd } from "../supervise/command.ts";
import { Guard } from "../supervise/guard.ts";
import { startGuarded } from "../supervise/guarded-start.ts";
import { ignoresHangup } from "../supervise/hangup.ts";
import { aborted, type HookRun, runHook } from "../supervise/hook.ts";
import { Report } from "../supervise/report.ts";
import { Witness } from "../supervise/witness.ts";
import { Lifespan } from "./lifespan.ts";
import type { RunSettings } from "./settings.ts";

/** How a term ended: the command ended by itself, or leadership was lost. */
export type TermEnd = (
  | { readonly by: "command"; readonly end: CommandEnd }
  | { readonly by: "loss" }
) & {
  /** Whether something other than the command failed, such as a hook. */
  readonly failed: boolean;
};

/** Forwards signals to the command while it runs. */
export interface Reins {
  /** The signal that ended this process, if there was one. */
  readonly ending: NodeJS.Signals | undefined;
  /** Forwards signals to this command until the returned function is called. */
  drive(command: Command): () => void;
}

/** How long `--on-lost` may run, in ms. It starts when every process of the command is dead. */
const LOST_HOOK_TAKES = 10_000;

/** What a term needs from its surroundings. */
export interface Surroundings {
  readonly elector: Elector;
  readonly settings: RunSettings;
  readonly reins: Reins;
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

/** One term: the command starts after the term begins and is dead before the term ends. */
export class CommandTerm {
  readonly #surroundings: Surroundings;
  readonly #term: Term;
  readonly #report: Report;
  readonly #variables: NodeJS.ProcessEnv;
  readonly #statusFile: StatusFile | undefined;
  readonly #lifespan: Lifespan;
  readonly #guard: Guard;
  readonly #witness = process.stdin.isTTY === true ? new Witness() : undefined;
  #command: Command | undefined;

  constructor(surroundings: Surroundings, term: Term) {
    const { elector, settings, env, logger } = surroundings;
    this.#surroundings = surroundings;
    this.#term = term;
    this.#report = new Report(logger);
    this.#variables = {
      ...env,
      INCUMBENT_KEY: term.key,
      INCUMBENT_NODE_ID: term.nodeId,
      INCUMBENT_TOKEN: String(term.token),
    };
    const { grace, statusFile } = settings;
    this.#statusFile = statusFile === undefined ? undefined : statusFileOf(statusFile, term);
    this.#lifespan = new Lifespan(elector, term, settings, () => this.#guard.extend());
    this.#guard = new Guard({
      ...{ grace, statusFile: this.#statusFile },
      remaining: () => this.#lifespan.remaining,
      note: (text) => this.#report.note(text),
    });
  }

  /** Settles only when every process of the command is dead, whatever happens. */
  async serve(): Promise<TermEnd> {
    let end: CommandEnd | undefined;
    try {
      end = await this.#govern();
    } finally {
      // The lease may be released as soon as this settles.
      await this.#bury();
    }
    const patience = () => () => true;
    const signal = AbortSignal.timeout(LOST_HOOK_TAKES);
    await this.#hook("--on-lost", this.#surroundings.settings.onLost, { signal, patience });
    this.#witness?.close();
    const failed = this.#report.hasFailed;
    return end === undefined ? { by: "loss", failed } : { by: "command", end, failed };
  }

  /** Returns how the command ended, if it ended by itself. */
  async #govern(): Promise<CommandEnd | undefined> {
    const { settings, reins, env } = this.#surroundings;
    const { signal } = this.#term;
    const patience = () => this.#patience();
    await this.#hook("--on-elected", settings.onElected, { signal, patience, guard: this.#guard });
    // Leadership may be lost by now. After a pause, remaining() knows it before the signal is aborted.
    if (signal.aborted || this.#term.remaining() === 0) return undefined;
    const file = this.#statusFile;
    if (file !== undefined) {
      this.#report.attempt("The status file cannot be written", () => writeStatusFile(file));
    }
    const around = { env: this.#variables, witness: this.#witness };
    this.#command = startGuarded(
      this.#guard,
      settings.command,
      { ...around, stdin: "inherit", deaf: ignoresHangup(env) },
      () => !signal.aborted && this.#term.remaining() > 0,
    );
    const release = reins.drive(this.#command);
    const end = await Promise.race([this.#command.ended, aborted(signal)]);
    release();
    // After a pause, the guard's SIGKILL may be noticed before the loss that caused it.
    const isGuards = end?.signal === "SIGKILL" && this.#term.remaining() === 0;
    return isGuards ? undefined : end;
  }

  /** Never throws. */
  async #bury(): Promise<void> {
    const file = this.#statusFile;
    if (file !== undefined) {
      this.#report.attempt("The status file cannot be removed", () => removeStatusFile(file));
    }
    await this.#command?.end(this.#ending(), this.#patience(), (reluctance) =>
      this.#report.reluctant("COMMAND", reluctance),
    );
    this.#lifespan.close();
    this.#guard.dismiss();
  }

  #hook(
    name: string,
    script: string | undefined,
    bounds: Pick<HookRun, "signal" | "patience" | "guard">,
  ): Promise<void> {
    const ending = () => this.#ending();
    const around = { env: this.#variables, witness: this.#witness };
    return runHook({ name, script, ending, ...around, ...bounds }, this.#report);
  }

  #ending(): NodeJS.Signals {
    return this.#surroundings.reins.ending ?? "SIGTERM";
  }

  #patience(): () => boolean {
    return this.#lifespan.patience(this.#surroundings.settings.grace);
  }
}
