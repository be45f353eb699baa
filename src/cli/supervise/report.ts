import type { Logger } from "../../elector/log.ts";
import type { Reluctance } from "./end-family.ts";

/** Logs what fails during a term. No method throws, so that a closed log cannot end the command. */
export class Report {
  readonly #logger: Logger;
  #hasFailed = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Whether a hook, the status file or the end of the command failed. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  note(text: string): void {
    try {
      this.#logger.warn({}, text);
    } catch {
      // The log is closed, so this cannot be reported.
    }
  }

  failed(text: string): void {
    this.#hasFailed = true;
    this.note(text);
  }

  /** Calls a function whose failure must not end the term. */
  attempt(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.failed(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  reluctant(name: string, { forbidden, undead }: Reluctance): void {
    const why =
      forbidden.length > 0
        ? `cannot be signalled by this user (EPERM): process ${forbidden.join(", ")}`
        : `is still running after SIGKILL: process ${undead.join(", ")}`;
    this.failed(`${name} ${why}. The lease is kept until it has ended, if the store answers`);
  }
}
