import { expect } from "vitest";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import type { PostgresStoreOptions } from "../../../src/stores/postgres/postgres-options.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { acquireRequest } from "../../support/requests.ts";

/** Stores of one test file, which are closed at the end of each test. */
export class Stores {
  readonly #open: PostgresStore[] = [];

  open(url: string, options: PostgresStoreOptions = {}): PostgresStore {
    const store = new PostgresStore(url, options);
    this.#open.push(store);
    return store;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((store) => store.close()));
  }
}

/** Acquires a lease that is free; waits for the end of a quarantine. */
export async function win(store: PostgresStore, key: string, fields: Partial<AcquireRequest> = {}) {
  for (;;) {
    const asked = acquireRequest(key, fields);
    const reply = await store.acquire(asked);
    if (reply.granted) return { asked, token: reply.token };
    expect(reply.reason).toBe("quarantine");
    await new Promise((resolve) => setTimeout(resolve, reply.retryIn ?? 10));
  }
}
