/** What the command exits with, beside the codes of a command that it runs. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  /** EX_USAGE of sysexits.h. */
  usage: 64,
  /** EX_UNAVAILABLE: the store could not be asked, by a command that asks once. */
  unavailable: 69,
  /** EX_TEMPFAIL: `run` was not elected in the time that it had, or has lost leadership and ends with it. */
  lost: 75,
} as const;
