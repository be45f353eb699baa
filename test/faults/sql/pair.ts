import { Elector } from "../../../src/elector/elector.ts";
import type { LeaseStore } from "../../../src/stores/lease-store.ts";

const TTL = 1000;

/** How long it may take until there is a leader, in ms: a connection is replaced, a quarantine ends, a disk is slow. */
const PATIENCE = 30_000;

/** What was seen of two candidates that watch each other from one process. */
export class Pair {
  readonly #electors: readonly Elector[];
  readonly #stores: readonly LeaseStore[];
  readonly #watch: NodeJS.Timeout;
  #seenAt = performance.now();
  #tokens: number[] = [];
  /** How long both have led, in ms. */
  overlap = 0;

  constructor(open: () => LeaseStore) {
    this.#stores = [open(), open()];
    this.#electors = this.#stores.map((store, at) => {
      const elector = new Elector(store, "job", { ttl: TTL, nodeId: `candidate-${at}` });
      elector.on("elected", ({ term }) => this.#tokens.push(term.token));
      return elector;
    });
    this.#watch = setInterval(() => this.#look(), 1);
  }

  async start(): Promise<void> {
    await Promise.all(this.#electors.map((elector) => elector.start()));
    await this.leads();
  }

  /** Waits until there is a leader, and it has stayed for a ttl. Throws if that takes too long. */
  async leads(): Promise<void> {
    const end = performance.now() + PATIENCE;
    for (let since: number | undefined; performance.now() < end; ) {
      const isLed = this.#electors.some((elector) => elector.isLeader());
      since = isLed ? (since ?? performance.now()) : undefined;
      if (since !== undefined && performance.now() - since > TTL) return;
      await pause(10);
    }
    throw new Error(`no leader within ${PATIENCE} ms`);
  }

  async resign(): Promise<void> {
    await this.#electors.find((elector) => elector.isLeader())?.resign();
  }

  get terms(): number {
    return this.#tokens.length;
  }

  get areTokensGrowing(): boolean {
    return this.#tokens.every((token, at) => at === 0 || token > (this.#tokens[at - 1] ?? 0));
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    await Promise.allSettled(this.#electors.map((elector) => elector.stop()));
    await Promise.allSettled(this.#stores.map((store) => store.close()));
  }

  #look(): void {
    const now = performance.now();
    if (this.#electors.every((elector) => elector.isLeader())) this.overlap += now - this.#seenAt;
    this.#seenAt = now;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
