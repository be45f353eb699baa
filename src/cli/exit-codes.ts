/** What the command exits with, beside the codes of a command that it runs. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  /** EX_USAGE of sysexits.h. */
  usage: 64,
  /** EX_UNAVAILABLE: the store could not be asked. */
  unavailable: 69,
  /** EX_TEMPFAIL: `run --once` was elected and has lost leadership. */
  lost: 75,
} as const;
