import type { Logger } from "../../elector/log.ts";
import type { Reluctance } from "./end-family.ts";

/** What goes wrong in a term, in one line each. Nothing here throws: a log that is gone ends no command. */
export class Report {
  readonly #logger: Logger;
  #hasFailed = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Whether something did not do its part. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  note(text: string): void {
    try {
      this.#logger.warn({}, text);
    } catch {
      // Whom should it be said to?
    }
  }

  failed(text: string): void {
    this.#hasFailed = true;
    this.note(text);
  }

  /** Tries something that may fail and must not end the term. */
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
        ? `may not be signalled by this user (EPERM): process ${forbidden.join(", ")}`
        : `does not die of SIGKILL: process ${undead.join(", ")}`;
    this.failed(`${name} ${why}. The lease is kept, if the store answers, until it has ended`);
  }
}
