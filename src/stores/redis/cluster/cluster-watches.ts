import type { Address } from "../client/address.ts";
import type { ClusterNodes } from "./cluster-nodes.ts";

/** A listener to one election, and at which node it listens. */
interface Watch {
  readonly key: string;
  /** In the shard of its slot. */
  readonly channel: string;
  readonly slot: number;
  readonly onMessage: (message: string | undefined) => void;
  at: Address | undefined;
  end(): void;
}

/** What is listened to. */
type Watched = Pick<Watch, "key" | "channel" | "slot">;

/** Listeners to elections, each at the node that has its slot. */
export class ClusterWatches {
  readonly #nodes: ClusterNodes;
  readonly #watches = new Set<Watch>();

  constructor(nodes: ClusterNodes) {
    this.#nodes = nodes;
  }

  add({ key, channel, slot }: Watched, onMessage: Watch["onMessage"]): () => void {
    const watch: Watch = { key, channel, slot, onMessage, at: undefined, end: () => {} };
    this.#watches.add(watch);
    this.#place(watch);
    // Where to listen is known when the nodes have answered, which places it.
    if (watch.at === undefined) this.#nodes.lookUp().catch(() => {});
    return () => {
      this.#watches.delete(watch);
      watch.end();
    };
  }

  /** Slots may be elsewhere. */
  place(): void {
    for (const watch of this.#watches) this.#place(watch);
  }

  /** All connections are closed. What is watched stays, until slots are looked up again. */
  close(): void {
    for (const watch of this.#watches) {
      watch.end();
      watch.at = undefined;
    }
  }

  #place(watch: Watch): void {
    const owner = this.#nodes.ownerOf(watch.slot);
    if (owner === undefined || owner === watch.at) return;
    watch.end();
    watch.at = owner;
    const server = this.#nodes.at(owner);
    // Both: a script that cannot publish in the shard uses the other channel, as does one that misses a listener there.
    const ends = [
      server.watchShard(watch.channel, watch.onMessage),
      server.watch(watch.key, watch.onMessage),
    ];
    watch.end = () => {
      for (const end of ends) end();
    };
  }
}
