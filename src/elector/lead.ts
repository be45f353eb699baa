import type { Term } from "./term.ts";

/** What a leader does. It should end soon after `term.signal` is aborted. */
export type Work<T> = (term: Term) => Promise<T> | T;

/** What leading takes of an elector. */
interface Leadership {
  /** The term that this process leads, while it leads. */
  readonly term: Term | undefined;
  waitForLeadership(options: { readonly signal: AbortSignal }): Promise<Term>;
  resign(): Promise<unknown>;
}

/** How the election learns of the work, so that no campaign begins before it has settled. */
interface WorkEvents {
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
  events: WorkEvents,
): Promise<T> {
  // A resignation ends the term; the work hears of it by the term's own signal and may drain.
  const resign = () => void elector.resign();
  signal.addEventListener("abort", resign);
  try {
    for (;;) {
      const term = await elector.waitForLeadership({ signal });
      // Callbacks ran since; the term may be over before the work has begun.
      if (elector.term !== term) continue;
      events.begin();
      const settled = await settle(work, term);
      const led = elector.term === term;
      events.settle();
      if (led) {
        await elector.resign();
        return settled.unwrap();
      }
      if (settled.failed && settled.error !== term.signal.reason && !isAbort(settled.error)) {
        events.report(settled.error);
      }
      signal.throwIfAborted();
    }
  } finally {
    signal.removeEventListener("abort", resign);
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
