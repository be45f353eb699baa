import type { Elector } from "../../elector/elector.ts";
import { exitCodes } from "../exit-codes.ts";

/** The time of `--try` or `--wait` is over, and the command was never started. */
export class NotElected extends Error {
  readonly exitCode: number;

  constructor(why: string, exitCode: number) {
    super(`not elected: ${why}`);
    this.exitCode = exitCode;
  }
}

/** How long `--try` waits for a store that does not answer at all, in ms. */
const SILENCE = 10_000;

/**
 * Gives up when the campaign has waited for `patience` ms or, if that is 0, at the first refusal of the
 * store. The returned function cancels this; call it when the command starts.
 */
export function limitPatience(
  elector: Elector,
  patience: number,
  giveUp: (reason: NotElected) => void,
): () => void {
  let failure: NotElected | undefined;
  let refusal: NotElected | undefined;
  const silence = new NotElected("the store did not answer in time", exitCodes.unavailable);
  const end = () => giveUp(failure ?? refusal ?? silence);
  const timer = setTimeout(end, patience === 0 ? SILENCE : patience);
  const refused = (why: string) => {
    // The leader that was just seen is this elector.
    if (elector.isLeader()) return;
    refusal = new NotElected(why, exitCodes.lost);
    if (patience === 0) end();
  };
  const stops = [
    elector.on("leaderChanged", ({ leader }) => refused(`${leader.nodeId} leads "${elector.key}"`)),
    elector.on("quarantined", ({ retryIn }) => {
      const rest = (Math.ceil(retryIn / 100) / 10).toFixed(1);
      refused(`the store is new or lost its data; no election for another ${rest} s`);
    }),
    elector.on("storeError", ({ operation, error }) => {
      if (operation !== "acquire") return;
      failure = new NotElected(error.message, exitCodes.unavailable);
      if (patience === 0) end();
    }),
    elector.on("storeRecovered", () => {
      failure = undefined;
    }),
  ];
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
