import type { Examination, Finding, LeaseStore } from "../stores/lease-store.ts";
import type { Logger } from "./log.ts";
import type { Clock } from "./time/clock.ts";

/** Stores that have looked at themselves in this process. */
const examined = new WeakSet<object>();

/** How what a store finds is reported. */
export interface CheckupSettings {
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  /** Which election and process it was, for the log. */
  readonly about: object;
}

/**
 * Has a store look for what may harm its elections, once in a process and briefly, and reports it as warnings. The
 * campaign does not wait for it.
 */
export class StoreCheckup {
  readonly #store: LeaseStore;
  readonly #settings: CheckupSettings;
  /** While the store is looking. */
  #ended: AbortController | undefined;
  #hasBegun = false;

  constructor(store: LeaseStore, settings: CheckupSettings) {
    this.#store = store;
    this.#settings = settings;
  }

  /** The store has answered. Before that, its errors say what is wrong. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const store = this.#store.shared ?? this.#store;
    if (this.#store.diagnose === undefined || examined.has(store)) return;
    examined.add(store);
    this.#ended = new AbortController();
    void this.#report(this.#ended.signal);
  }

  /** From now on the store is asked for nothing, and nothing is reported. */
  end(): void {
    this.#ended?.abort();
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
    const { clock } = this.#settings;
    return {
      clock,
      timer: (delay, fire) => clock.timer(clock.now() + delay, fire),
      signal,
      isBrief: true,
    };
  }

  #warn({ check, says, remedy = "", server }: Finding): void {
    const { logger, about } = this.#settings;
    const text = `${says} ${remedy}`.trim();
    if (logger !== undefined) {
      logger.warn({ ...about, check, ...(server !== undefined && { server }) }, text);
      return;
    }
    const place = server === undefined ? "" : `${server}: `;
    process.emitWarning(`${place}${text}`, { code: "INCUMBENT_STORE" });
  }
}
