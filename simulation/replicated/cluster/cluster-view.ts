/** Slots that have always been at one node together: a third of all, or the slot of one election. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
}

/** Which node has a range of slots, and since which epoch of the configuration. */
export interface Claim {
  readonly range: SlotRange;
  readonly owner: number;
  readonly epoch: number;
}

/** Which node has which slots, and which nodes have failed, as one node knows it. */
export class ClusterView {
  readonly #claims = new Map<SlotRange, Claim>();
  readonly #failed = new Set<number>();

  constructor(claims: readonly Claim[]) {
    this.learn(claims);
  }

  get claims(): readonly Claim[] {
    return [...this.#claims.values()];
  }

  rangeOf(slot: number): SlotRange {
    for (const range of this.#claims.keys())
      if (range.first <= slot && slot <= range.last) return range;
    throw new Error(`No range has the slot ${slot}.`);
  }

  ownerOf(range: SlotRange): number | undefined {
    return this.#claims.get(range)?.owner;
  }

  /** What is older than what it knows changes nothing. */
  learn(claims: readonly Claim[]): void {
    for (const claim of claims) {
      const known = this.#claims.get(claim.range);
      if (known === undefined || known.epoch < claim.epoch) this.#claims.set(claim.range, claim);
    }
  }

  /** Most primaries cannot reach this node. */
  flag(node: number): void {
    this.#failed.add(node);
  }

  unflag(node: number): void {
    this.#failed.delete(node);
  }

  hasFailed(node: number): boolean {
    return this.#failed.has(node);
  }

  /** Whether some slots are at a node that has failed. */
  get isIncomplete(): boolean {
    return this.claims.some(({ owner }) => this.#failed.has(owner));
  }
}
