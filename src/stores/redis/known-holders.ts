import type { RenewRequest } from "../lease-store.ts";

type Holder = Pick<RenewRequest, "nonce" | "nodeId" | "metadata">;

/** What the server has of the holder of each lease, as it has confirmed it. A renewal need not say it again. */
export class KnownHolders {
  readonly #holders = new Map<string, Holder>();

  set(key: string, { nonce, nodeId, metadata }: Holder): void {
    this.#holders.set(key, { nonce, nodeId, metadata });
  }

  /** Whether the server has these very words. */
  has(key: string, { nonce, nodeId, metadata }: Holder): boolean {
    const known = this.#holders.get(key);
    return known?.nonce === nonce && known.nodeId === nodeId && known.metadata === metadata;
  }

  delete(key: string): void {
    this.#holders.delete(key);
  }
}
