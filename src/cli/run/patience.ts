import type { Elector } from "../../elector/elector.ts";
import { exitCodes } from "../exit-codes.ts";

/** `--try` or `--wait` has run out, and the command was never started. */
export class NotElected extends Error {
  readonly exitCode: number;

  constructor(why: string, exitCode: number) {
    super(`not elected: ${why}`);
    this.exitCode = exitCode;
  }
}

/** How long `--try` waits for a store that says nothing at all, in ms. */
const SILENCE = 10_000;

/**
 * Gives up when the campaign has waited for `patience` ms; with 0, as soon as the store has answered and
 * the answer was not yes. To be called off, by the returned function, when the command starts.
 */
export function limitPatience(
  elector: Elector,
  patience: number,
  giveUp: (reason: NotElected) => void,
): () => void {
  let failure: NotElected | undefined;
  let refusal: NotElected | undefined;
  const silence = new NotElected("the store has not answered in time", exitCodes.unavailable);
  const end = () => giveUp(failure ?? refusal ?? silence);
  const timer = setTimeout(end, patience === 0 ? SILENCE : patience);
  const refused = (why: string) => {
    // The elector itself is the leader that it has just seen.
    if (elector.isLeader()) return;
    refusal = new NotElected(why, exitCodes.lost);
    if (patience === 0) end();
  };
  const stops = [
    elector.on("leaderChanged", ({ leader }) => refused(`${leader.nodeId} leads "${elector.key}"`)),
    elector.on("quarantined", ({ retryIn }) => {
      const rest = (Math.ceil(retryIn / 100) / 10).toFixed(1);
      refused(`the store is new or has lost its memory, and elects nobody for another ${rest} s`);
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
