import { randomId } from "../../elector/environment.ts";
import type { Pages } from "../../http/pages.ts";
import { redactAddress } from "../../redact.ts";
import type { LeaseStore } from "../../stores/lease-store.ts";
import { Elections } from "../look/elections.ts";
import { pageOf } from "./page.ts";
import { reportOf } from "./report.ts";

/** The page of the dashboard, and what it asks for. */
export class DashboardPages {
  readonly all: Pages;
  readonly #elections: Elections;
  #error: string | null = null;

  /** `address` is the URL of the store. */
  constructor(store: LeaseStore, address: string, signal: AbortSignal) {
    const about = { store: redactAddress(address), openedAt: new Date().toISOString() };
    const observer = {
      onChange: () => {},
      onError: (message: string) => {
        this.#error = message;
      },
      onAnswer: () => {
        this.#error = null;
      },
    };
    this.#elections = new Elections(store, observer, signal);
    const report = () => reportOf(this.#elections.views(), { ...about, error: this.#error });
    this.all = new Map([
      ["/", async () => answer("text/html; charset=utf-8", pageOf(randomId()))],
      ["/elections.json", async () => answer("application/json", JSON.stringify(report()))],
    ]);
  }

  /** Observes every election of the store until the signal is aborted. */
  run(): Promise<void> {
    return this.#elections.run(undefined);
  }
}

function answer(type: string, body: string) {
  return { status: 200, type, body };
}
