import { type Place as Address, placeOf } from "../../../src/stores/redis/client/address.ts";
import type { IoredisOptions } from "../../../src/stores/redis/client/client-options.ts";
import type { IoredisClient } from "../../../src/stores/redis/client/redis-client.ts";
import type { IoredisCluster } from "../../../src/stores/redis/cluster/cluster-client.ts";
import { SimulatedClient } from "../../simulated-client.ts";
import type { Wiring } from "../../simulated-connection.ts";
import type { Place } from "../clients.ts";
import { type ClusterNode, NODE } from "./cluster-node.ts";

/** A connection to one of the nodes. */
class NodeClient extends SimulatedClient {
  readonly options: IoredisOptions & Address;
  readonly #wiring: Wiring<ClusterNode>;
  /** ASKING travels with the command after it, for TCP keeps the order of the two. */
  #isAsking = false;

  constructor(wiring: Wiring<ClusterNode>) {
    super(wiring);
    this.#wiring = wiring;
    this.options = placeOf(`${NODE}:${wiring.server.number}`);
  }

  override duplicate(): NodeClient {
    return new NodeClient(this.#wiring);
  }

  override call(...args: string[]): Promise<unknown> {
    const isAsking = this.#isAsking;
    this.#isAsking = args[0] === "ASKING";
    if (this.#isAsking) return Promise.resolve("OK");
    return this.request((answer, passage) => {
      this.#wiring.server.receiveOver(this, args, answer, passage, isAsking);
    });
  }
}

/** What the user passes: a cluster client of ioredis, which is never connected. */
export class ClientOfCluster implements IoredisCluster {
  readonly isCluster = true;
  readonly status = "wait";
  readonly options = {};
  readonly #place: Place;
  readonly #process: number;
  readonly #nodes: readonly ClusterNode[];
  readonly #seeds: readonly ClusterNode[];
  #onNode: (node: IoredisClient) => void = () => {};

  /** `seeds`: the nodes that it begins with. */
  constructor(
    place: Place,
    process: number,
    nodes: readonly ClusterNode[],
    seeds: readonly ClusterNode[],
  ) {
    this.#place = place;
    this.#process = process;
    this.#nodes = nodes;
    this.#seeds = seeds;
  }

  duplicate(startupNodes: readonly Address[] = []): ClientOfCluster {
    const ports = startupNodes.map(({ port }) => port);
    const named = this.#nodes.filter(({ number }) => ports.includes(number));
    const seeds = startupNodes.length > 0 ? named : this.#seeds;
    return new ClientOfCluster(this.#place, this.#process, this.#nodes, seeds);
  }

  async connect(): Promise<void> {
    for (const server of this.#seeds) {
      const link = [this.#process, server.number] as const;
      this.#onNode(new NodeClient({ ...this.#place, server, link }));
    }
  }

  on(event: string, listener: () => void): void {
    // Its listener takes what the event carries.
    if (event === "+node") this.#onNode = listener as (node: IoredisClient) => void;
  }

  nodes(): IoredisClient[] {
    return [];
  }

  disconnect(): void {}
}
