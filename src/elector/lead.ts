import { checkFunction, wholeNumber } from "../input.ts";
import { signalOf } from "./cancellable.ts";
import { eitherOf } from "./either-signal.ts";
import { NotElectedError } from "./not-elected.ts";
import type { ElectorStatus } from "./status.ts";
import type { Term } from "./terms/term.ts";

const LONGEST_WAIT = 2 ** 31 - 1;

/** What a leader does. It should end soon after `term.signal` is aborted. */
export type Work<T> = (term: Term) => Promise<T> | T;

/** How `lead` waits for leadership. */
export interface LeadOptions {
  /** Ends the waiting and the term when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /**
   * For how many ms to wait for leadership, each time that it has to be waited for. `0`: only for the first answer
   * of the store. The first answer is awaited in any case.
   * @defaultValue for as long as it takes
   */
  readonly wait?: number | undefined;
}

/** Throws `INCUMBENT_INVALID_OPTION`. */
export function checkLead(work: unknown, options: LeadOptions): LeadOptions {
  checkFunction("work", work, "async (term) => { … }");
  signalOf(options, ["signal", "wait"]);
  const { wait } = options;
  if (wait !== undefined) {
    wholeNumber("wait", wait, { min: 0, max: LONGEST_WAIT, example: "5000 (5 s)" });
  }
  return options;
}

/** What leading takes of an elector. */
interface Leadership {
  readonly key: string;
  /** The term that this process leads, while it leads. */
  readonly term: Term | undefined;
  readonly status: ElectorStatus;
  settled(options: { readonly signal: AbortSignal }): Promise<ElectorStatus>;
  waitForLeadership(options: { readonly signal: AbortSignal }): Promise<Term>;
  resign(): Promise<unknown>;
}

/** How the election learns of the work, so that no campaign begins before it has settled. */
interface LeadHooks {
  /** Calls `fire` in `delay` ms; the returned function prevents it. */
  timer(delay: number, fire: () => void): () => void;
  begin(): void;
  settle(): void;
  /** An error that would otherwise be lost. */
  report(error: unknown): void;
}

/** Runs the work once a term until it ends by itself. */
export async function lead<T>(
  elector: Leadership,
  work: Work<T>,
  signal: AbortSignal,
  wait: number | undefined,
  hooks: LeadHooks,
): Promise<T> {
  // A resignation ends the term; the term's own signal is aborted with it, and the work may drain.
  const resign = () => void elector.resign();
  signal.addEventListener("abort", resign);
  try {
    for (;;) {
      const term =
        wait === undefined
          ? await elector.waitForLeadership({ signal })
          : await leadershipWithin(wait, elector, signal, hooks);
      // Callbacks ran since; the term may be over before the work has begun.
      if (elector.term !== term) continue;
      hooks.begin();
      const settled = await settle(work, term);
      const led = elector.term === term;
      hooks.settle();
      if (led) {
        await elector.resign();
        return settled.unwrap();
      }
      if (settled.failed && settled.error !== term.signal.reason && !isAbort(settled.error)) {
        hooks.report(settled.error);
      }
      signal.throwIfAborted();
    }
  } finally {
    signal.removeEventListener("abort", resign);
  }
}

/** The term, if it begins within `wait` ms or with the first answer. */
async function leadershipWithin(
  wait: number,
  elector: Leadership,
  signal: AbortSignal,
  { timer }: LeadHooks,
): Promise<Term> {
  const late = new AbortController();
  const either = eitherOf(signal, late.signal);
  const giveUp = () => {
    elector.settled({ signal: either.signal }).then(
      (status) => {
        if (status.role !== "leader") late.abort(new NotElectedError(elector.key, wait, status));
      },
      () => {}, // The waiting for leadership ends for the same reason, and reports it.
    );
  };
  const cancel = timer(wait, giveUp);
  try {
    return await elector.waitForLeadership({ signal: either.signal });
  } finally {
    cancel();
    late.abort();
    either.dispose();
  }
}

type Settled<T> =
  | { readonly failed: false; unwrap(): T }
  | { readonly failed: true; readonly error: unknown; unwrap(): never };

async function settle<T>(work: Work<T>, term: Term): Promise<Settled<T>> {
  try {
    const value = await work(term);
    return { failed: false, unwrap: () => value };
  } catch (error) {
    return {
      failed: true,
      error,
      unwrap: () => {
        throw error;
      },
    };
  }
}

/** Work that was aborted rejects with that as a rule, and it is no news. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
