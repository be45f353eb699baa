import { onTestFinished } from "vitest";
import type {
  AcquireRequest,
  ReleaseRequest,
  RenewRequest,
} from "../../../src/stores/lease-store.ts";
import type { RedisStoreOptions } from "../../../src/stores/redis/redis-options.ts";
import { RedisQuorumStore } from "../../../src/stores/redis-quorum/redis-quorum-store.ts";
import { acquireRequest, renewRequest } from "../../support/requests.ts";
import { ManualServer } from "./manual-server.ts";

/** Servers of which a test decides what they hear and when, and the time on all clocks. */
export class PollingStation {
  /** On the candidates' clocks, in ms. */
  now = 1000;
  readonly servers: readonly ManualServer[];
  readonly #clock = { now: () => this.now };
  readonly #reconnects = new Set<() => void>();

  constructor(servers = 3) {
    const name = (index: number) => String.fromCharCode("a".charCodeAt(0) + index);
    this.servers = Array.from(
      { length: servers },
      (_, index) => new ManualServer(name(index), () => this.now),
    );
  }

  server(index: number): ManualServer {
    const found = this.servers[index];
    if (found === undefined) throw new Error(`there is no server ${index}`);
    return found;
  }

  /** A candidate's store, on all servers or on these. */
  open(on: readonly ManualServer[] = this.servers, options: RedisStoreOptions = {}) {
    const clients = on.map((server) => server.client());
    const store = new RedisQuorumStore(clients, options, (_, fire) => {
      this.#reconnects.add(fire);
      return () => this.#reconnects.delete(fire);
    });
    onTestFinished(() => store.close());
    return store;
  }

  /** Those who listened to a server that was cut off connect to it again. */
  reconnect(): void {
    for (const fire of [...this.#reconnects]) fire();
  }

  /** Valid for ten seconds, with a ttl of one. */
  attempt(fields: Partial<AcquireRequest> = {}, key = "job"): AcquireRequest {
    return acquireRequest(key, { ...this.#fields(), ...fields });
  }

  renewal(of: AcquireRequest, token: number, fields: Partial<RenewRequest> = {}): RenewRequest {
    return renewRequest(of, token, { ...this.#fields(), ...fields });
  }

  release(of: AcquireRequest): ReleaseRequest {
    const { key, nonce } = of;
    const { signal } = new AbortController();
    return { ...this.#fields(), key, nonce, signal };
  }

  /** What each server keeps as holder of the lease. */
  holders(key = "job"): unknown[] {
    return this.servers.map((server) => server.field(key, "nonce"));
  }

  /** Wins an election without rivals. */
  async win(store: RedisQuorumStore, fields: Partial<AcquireRequest> = {}, key = "job") {
    const asked = this.attempt(fields, key);
    const reply = await store.acquire(asked);
    if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
    return { asked, token: reply.token };
  }

  #fields() {
    return { clock: this.#clock, notAfter: this.now + 10_000 };
  }
}
