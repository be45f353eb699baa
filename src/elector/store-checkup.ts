import type { Examination, Finding, LeaseStore } from "../stores/lease-store.ts";
import type { RequestContext } from "./requests/request.ts";

/** Stores that have looked at themselves in this process. */
const examined = new WeakSet<object>();

/** A look of a store at itself. From its end on the store is asked for nothing, and nothing is reported. */
export interface Checkup {
  end(): void;
}

/** For all that follow the first. */
const done: Checkup = { end: () => {} };

/**
 * Has a store look for what may harm its elections, once in a process and briefly, and reports it as warnings. The
 * campaign does not wait for it.
 */
export function beginCheckup(store: LeaseStore, context: RequestContext): Checkup {
  const place = store.shared ?? store;
  if (store.diagnose === undefined || examined.has(place)) return done;
  examined.add(place);
  return new StoreCheckup(store, context);
}

class StoreCheckup implements Checkup {
  readonly #store: LeaseStore;
  readonly #context: RequestContext;
  readonly #ended = new AbortController();

  constructor(store: LeaseStore, context: RequestContext) {
    this.#store = store;
    this.#context = context;
    void this.#report(this.#ended.signal);
  }

  end(): void {
    this.#ended.abort();
  }

  async #report(signal: AbortSignal): Promise<void> {
    try {
      for await (const finding of this.#store.diagnose?.(this.#examination(signal)) ?? []) {
        if (signal.aborted) return;
        if (finding.level === "warning" || finding.level === "error") this.#warn(finding);
      }
    } catch {
      // A store of the user's, or a logger, that breaks its promise. The election does not depend on it.
    }
  }

  #examination(signal: AbortSignal): Examination {
    const { clock } = this.#context;
    return {
      clock,
      timer: (delay, fire) => clock.timer(clock.now() + delay, fire),
      signal,
      isBrief: true,
    };
  }

  #warn({ check, says, remedy = "", server }: Finding): void {
    const { key, settings } = this.#context;
    const { logger, nodeId } = settings;
    const text = `${says} ${remedy}`.trim();
    if (logger !== undefined) {
      logger.warn({ key, nodeId, check, ...(server !== undefined && { server }) }, text);
      return;
    }
    const place = server === undefined ? "" : `${server}: `;
    process.emitWarning(`${place}${text}`, { code: "INCUMBENT_STORE" });
  }
}
