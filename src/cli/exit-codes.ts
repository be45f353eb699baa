/** Exit codes of `incumbent`, apart from those it passes on from the command it runs. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  /** EX_USAGE of sysexits.h. */
  usage: 64,
  /** EX_UNAVAILABLE: the store did not answer a command that asks only once. */
  unavailable: 69,
  /** EX_TEMPFAIL: `run` was not elected in time, or lost leadership under `--once`. */
  lost: 75,
} as const;
