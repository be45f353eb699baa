import { setTimeout as sleep } from "node:timers/promises";
import { isatty } from "node:tty";
import { exitCodes } from "../exit-codes.ts";
import { oneLine } from "../one-line.ts";
import type { Output } from "../output.ts";
import { exitCodeOf } from "./command.ts";
import { ignoresHangup } from "./hangup.ts";
import { limitPatience, NotElected } from "./patience.ts";
import { EndedBySignal, SignalReins } from "./signals.ts";
import { type Office, type TermEnd, TermOfOffice } from "./term-of-office.ts";

/** How far apart two processes may hear of one signal, in ms. */
const TOGETHER = 10;

/**
 * Leads until the command has ended by itself, or a signal ends everything. Answers with the exit code;
 * the log gets the reason where there is one.
 */
export async function campaign(around: Omit<Office, "reins">, log: Output): Promise<number> {
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
        last = await new TermOfOffice({ ...around, reins }, term).serve();
        // Ctrl-C goes to the command and to us together, and of its end we may hear first.
        await sleep(TOGETHER);
        // The command's own end is the end, also if leadership was lost in the same moment.
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

/** What failed beside a command that did well is not to be overlooked. */
function codeOf({ end, failed }: TermEnd & { by: "command" }, log: Output): number {
  if (end.failure !== undefined) log.write(`incumbent: ${oneLine(end.failure)}\n`);
  return exitCodeOf(end) || (failed ? exitCodes.failed : exitCodes.ok);
}

/** A closed terminal ends us, if there is one and nohup does not forbid it. */
function mindsHangup(env: NodeJS.ProcessEnv): boolean {
  return [0, 1, 2].some((descriptor) => isatty(descriptor)) && !ignoresHangup(env);
}
