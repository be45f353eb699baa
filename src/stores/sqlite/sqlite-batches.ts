import { StoreError } from "../../errors.ts";
import type { StoreRequest } from "../lease-store.ts";
import { type Clocks, type MachineClock, reading } from "./sqlite-clock.ts";
import type { SqliteFile } from "./sqlite-file.ts";
import type { Elections } from "./sqlite-schema.ts";

/** How many requests share a transaction at most: all other processes, and the event loop, wait for it. */
const MOST = 200;

type Decide<Reply> = (elections: Elections, clocks: Clocks) => Reply;

interface Waiting {
  readonly request: StoreRequest;
  /** Decides; what it returns gives the answer, which counts when the transaction has ended. */
  readonly decide: Decide<() => void>;
  readonly reject: (error: unknown) => void;
}

/**
 * Carries out the requests of one turn of the event loop in one transaction, in the order in which they
 * came: beginning and ending one, and looking whether the files are still the same, costs more than a
 * decision.
 */
export class SqliteBatches {
  readonly #file: SqliteFile;
  readonly #clock: MachineClock;
  readonly #waiting: Waiting[] = [];

  constructor(file: SqliteFile, clock: MachineClock) {
    this.#file = file;
    this.#clock = clock;
  }

  /** Rejects with a `StoreError`; one that says "no" if the answer was no longer waited for. */
  add<Reply>(request: StoreRequest, decide: Decide<Reply>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const decided: Waiting["decide"] = (elections, clocks) => {
        const reply = decide(elections, clocks);
        return () => resolve(reply);
      };
      this.#waiting.push({ request, decide: decided, reject });
      if (this.#waiting.length === 1) this.#clock.soon(() => this.flush());
      // At once: electors that send thousands may take longer than the first of these has time.
      if (this.#waiting.length === MOST) this.flush();
    });
  }

  /** Carries out at once what waits. */
  flush(): void {
    const awaited = this.#waiting.splice(0).filter(isAwaited);
    if (awaited.length === 0) return;
    // Read by the first decision: the wait for other processes is over by then.
    let clocks: Clocks | undefined;
    const decisions = awaited.map(({ decide }) => (elections: Elections) => {
      clocks ??= reading(this.#clock);
      return decide(elections, clocks);
    });
    try {
      const outcomes = this.#file.transaction(decisions);
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === "fulfilled") outcome.value();
        else awaited[index]?.reject(outcome.reason);
      }
    } catch (error) {
      for (const { reject } of awaited) reject(error);
    }
  }
}

function isAwaited({ request, reject }: Waiting): boolean {
  if (request.isAwaited ?? !request.signal.aborted) return true;
  const message = "The time for this request was over before its transaction began.";
  reject(new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "no" }));
  return false;
}
