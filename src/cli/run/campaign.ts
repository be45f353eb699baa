import { setTimeout as sleep } from "node:timers/promises";
import { isatty } from "node:tty";
import { exitCodes } from "../exit-codes.ts";
import { oneLine } from "../one-line.ts";
import type { Output } from "../output.ts";
import { exitCodeOf } from "../supervise/command.ts";
import { ignoresHangup } from "../supervise/hangup.ts";
import { CommandTerm, type Surroundings, type TermEnd } from "./command-term.ts";
import { limitPatience, NotElected } from "./patience.ts";
import { EndedBySignal, SignalReins } from "./signals.ts";

/** The longest time between the arrival of one signal at two processes, in ms. */
const TOGETHER = 10;

/**
 * Campaigns and leads until the command ends by itself or a signal ends everything. Resolves with the exit
 * code; a failure is written to the log.
 */
export async function campaign(around: Omit<Surroundings, "reins">, log: Output): Promise<number> {
  const { elector, settings, env } = around;
  const ending = new AbortController();
  const reins = new SignalReins((reason) => ending.abort(reason), mindsHangup(env));
  let last: TermEnd | undefined;
  const { patience } = settings;
  const callOff =
    patience === undefined
      ? () => {}
      : limitPatience(elector, patience, (reason) => ending.abort(reason));
  try {
    await elector.lead(
      async (term) => {
        callOff();
        last = await new CommandTerm({ ...around, reins }, term).serve();
        // Ctrl-C signals the command and this process; the end of the command may be noticed first.
        await sleep(TOGETHER);
        // If the command ended by itself, this ends too, even if leadership was lost at the same moment.
        if (last.by === "command" || settings.once) ending.abort(last);
      },
      { signal: ending.signal },
    );
  } catch (error) {
    if (error instanceof EndedBySignal) return error.exitCode;
    if (error instanceof NotElected) {
      log.write(`incumbent: ${oneLine(error.message)}\n`);
      return error.exitCode;
    }
    if (error !== last) throw error;
  } finally {
    callOff();
    reins.letGo();
  }
  return last?.by === "command" ? codeOf(last, log) : exitCodes.lost;
}

/** A failed hook or status file turns the exit code 0 of the command into 1. */
function codeOf({ end, failed }: TermEnd & { by: "command" }, log: Output): number {
  if (end.failure !== undefined) log.write(`incumbent: ${oneLine(end.failure)}\n`);
  return exitCodeOf(end) || (failed ? exitCodes.failed : exitCodes.ok);
}

/** Whether SIGHUP ends this process: it has a terminal, and was not started by nohup. */
function mindsHangup(env: NodeJS.ProcessEnv): boolean {
  return [0, 1, 2].some((descriptor) => isatty(descriptor)) && !ignoresHangup(env);
}
