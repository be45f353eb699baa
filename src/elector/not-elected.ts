import { IncumbentError } from "../errors.ts";
import type { ElectorStatus, Waiting } from "./status.ts";

/**
 * `lead(work, { wait })` was not elected in time.
 *
 * @example
 * try {
 *   await elector.lead(sendReports, { wait: 0 });
 * } catch (error) {
 *   if (!(error instanceof NotElectedError)) throw error;
 *   console.log(`${error.status.leader?.nodeId} does it`);
 * }
 */
export class NotElectedError extends IncumbentError {
  /** What was known when the time was over: `status.leader`, `status.waitingFor`. */
  readonly status: ElectorStatus;

  constructor(key: string, wait: number, status: ElectorStatus) {
    const { leader, waitingFor } = status;
    const time = wait === 0 ? "at once" : `within ${wait} ms`;
    const why =
      leader === undefined ? waitingFor && because(waitingFor) : `"${leader.nodeId}" leads`;
    const message = `Not elected leader of "${key}" ${time}${why === undefined ? "" : `: ${why}`}.`;
    super("INCUMBENT_NOT_ELECTED", message, { cause: waitingFor?.error });
    this.status = status;
  }
}

function because({ reason, remaining, error }: Waiting): string | undefined {
  const time = remaining === undefined ? "" : ` for up to ${Math.ceil(remaining)} ms`;
  switch (reason) {
    case "answer":
      return undefined;
    case "lease":
      return `another process holds the lease${time}`;
    case "quarantine":
      return `the store is new or lost its data, and elects no leader${time}`;
    case "store":
      return error?.message.replace(/\.$/, "") ?? "the store got the request too late";
    case "work":
      return "the work of an earlier term has not settled";
    case "release":
      return "the lease of an earlier term is being released";
    case "others":
      return `this process resigned, and others go first${time}`;
  }
}
