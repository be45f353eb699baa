import { asStoreError, StoreError } from "../errors.ts";
import type { Examination, Finding } from "./lease-store.ts";

/** What a check found. */
export type Verdict = Pick<Finding, "level" | "says" | "remedy">;

/** One thing that is looked at. */
export interface Check {
  /** One word: `eviction`. */
  readonly name: string;
  /** Part of a brief examination, too. */
  readonly isBrief?: true;
  /** If it finds an error, there is no sense in the checks that follow. */
  readonly isVital?: true;
  /** What to do if it fails, or what to do about this error. */
  readonly remedy?: string | ((error: StoreError) => string);
  /** Whatever it throws becomes an error among the findings. Its signal is aborted if it takes too long. */
  run(examination: Examination): Promise<readonly Verdict[]> | readonly Verdict[];
}

/** How long one check may take, in ms. */
const PATIENCE = 3000;

export const ok = (says: string): Verdict => ({ level: "ok", says });
export const note = (says: string, remedy?: string): Verdict => ({ level: "note", says, remedy });
export const warning = (says: string, remedy: string): Verdict => ({
  level: "warning",
  says,
  remedy,
});
export const error = (says: string, remedy?: string): Verdict => ({ level: "error", says, remedy });

/** Runs the checks in turn, each for a bounded time, and yields what they find at once. */
export async function* examine(
  checks: readonly Check[],
  examination: Examination,
  server?: string,
): AsyncGenerator<Finding, void, undefined> {
  const { isBrief, signal } = examination;
  for (const check of checks) {
    if (signal.aborted) return;
    if (isBrief && check.isBrief !== true) continue;
    const verdicts = await verdictsOf(check, examination);
    // What failed because no process waits for it says nothing about the store.
    if (signal.aborted || verdicts === undefined) return;
    for (const verdict of verdicts) {
      yield { check: check.name, ...verdict, ...(server === undefined ? {} : { server }) };
    }
    if (check.isVital === true && verdicts.some(({ level }) => level === "error")) return;
  }
}

async function verdictsOf(
  check: Check,
  examination: Examination,
): Promise<readonly Verdict[] | undefined> {
  try {
    return await inTime(check, examination);
  } catch (thrown) {
    // Requests of the election fail as well, and are reported as such: no second line for the same.
    if (examination.isBrief) return undefined;
    const failure = asStoreError(thrown);
    const { message } = failure;
    const remedy = typeof check.remedy === "function" ? check.remedy(failure) : check.remedy;
    return [error(/[.!?]$/.test(message) ? message : `${message}.`, remedy)];
  }
}

/** A client may leave a command without an answer for minutes, whatever its signal says. */
async function inTime(check: Check, examination: Examination): Promise<readonly Verdict[]> {
  const own = new AbortController();
  const signal = AbortSignal.any([examination.signal, own.signal]);
  let cancel = () => {};
  const over = new Promise<never>((_, reject) => {
    const message = `No answer within ${PATIENCE / 1000} s.`;
    const end = () => {
      reject(new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "no" }));
      own.abort();
    };
    cancel = examination.timer(PATIENCE, end);
    examination.signal.addEventListener("abort", end, { signal: own.signal });
  });
  const run = async () => check.run({ ...examination, signal });
  try {
    return await Promise.race([run(), over]);
  } finally {
    cancel();
    own.abort();
  }
}
