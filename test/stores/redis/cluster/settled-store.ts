import type { Cluster } from "ioredis";
import { slotOf } from "../../../../src/stores/redis/cluster/slots.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";

/** Makes elections ones that their primaries have long known, each when it is first asked for. They wait for nothing. */
export class Settler {
  readonly #client: Cluster;
  readonly #settled = new Map<string, Promise<unknown>>();

  constructor(client: Cluster) {
    this.#client = client;
  }

  settle(key: string): Promise<unknown> {
    const known = this.#settled.get(key) ?? this.#settle(key);
    this.#settled.set(key, known);
    return known;
  }

  async #settle(key: string): Promise<void> {
    const address = this.#client.slots[slotOf(key)]?.[0];
    const node = this.#client
      .nodes("master")
      .find(({ options: { host, port } }) => `${host}:${port}` === address);
    const [, process] = /run_id:(\w+)/.exec((await node?.info("server")) ?? "") ?? [];
    const [, data] = /master_replid:(\w+)/.exec((await node?.info("replication")) ?? "") ?? [];
    const memory = { run: `${process}:${data}`, epoch: "1", until: "0", floor: "0" };
    await this.#client.hset(key, { incumbent: "1", token: "0", nonce: "", ...memory });
  }
}

/** A store whose elections have long been known. */
export class SettledStore extends RedisStore {
  readonly #settler: Settler;

  constructor(settler: Settler, ...given: ConstructorParameters<typeof RedisStore>) {
    super(...given);
    this.#settler = settler;
  }

  override async acquire(request: Parameters<RedisStore["acquire"]>[0]) {
    await this.#settler.settle(request.key);
    return super.acquire(request);
  }
}
