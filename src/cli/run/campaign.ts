import { setTimeout as sleep } from "node:timers/promises";
import type { Elector } from "../../elector/elector.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Output } from "../io.ts";
import { oneLine } from "../one-line.ts";
import { exitCodeOf } from "./command.ts";
import { limitPatience, NotElected } from "./patience.ts";
import type { RunSettings } from "./settings.ts";
import { EndedBySignal, SignalReins } from "./signals.ts";
import { startFailureOf } from "./start-failure.ts";
import { serveTerm, type TermEnd } from "./term-of-office.ts";

/** How far apart two processes may hear of one signal, in ms. */
const TOGETHER = 10;

/**
 * Leads until the command has ended by itself, or a signal ends everything. Answers with the exit code;
 * the log gets the reason where there is one.
 */
export async function campaign(
  elector: Elector,
  settings: RunSettings,
  env: NodeJS.ProcessEnv,
  log: Output,
): Promise<number> {
  const ending = new AbortController();
  const reins = new SignalReins((reason) => ending.abort(reason));
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
        last = await serveTerm(elector, term, settings, reins, env);
        // Ctrl-C goes to the command and to us together, and of its end we may hear first.
        await sleep(TOGETHER);
        // The command's own end is the end, also if leadership was lost in the same moment.
        if (last.by === "command" || settings.once) ending.abort(last);
      },
      { signal: ending.signal },
    );
  } catch (error) {
    if (error instanceof EndedBySignal) return error.exitCode;
    const failure = error instanceof NotElected ? error : startFailureOf(error);
    if (failure !== undefined) {
      log.write(`incumbent: ${oneLine(failure.message)}\n`);
      return failure.exitCode;
    }
    if (error !== last) throw error;
  } finally {
    callOff();
    reins.letGo();
  }
  return last?.by === "command" ? exitCodeOf(last.end) : exitCodes.lost;
}
