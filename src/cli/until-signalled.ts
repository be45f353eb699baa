import { constants } from "node:os";
import { exitCodes } from "./exit-codes.ts";

/** Runs until SIGINT or SIGTERM. Resolves with the exit code. */
export async function untilSignalled(run: (signal: AbortSignal) => Promise<void>): Promise<number> {
  const ended = new AbortController();
  let code: number = exitCodes.ok;
  const end = (signal: NodeJS.Signals) => {
    code = 128 + constants.signals[signal];
    ended.abort();
  };
  process.on("SIGINT", end).on("SIGTERM", end);
  try {
    await run(ended.signal);
  } finally {
    process.off("SIGINT", end).off("SIGTERM", end);
  }
  return code;
}
