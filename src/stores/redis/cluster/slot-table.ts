import { type Address, addressOf, placeOf } from "../client/address.ts";
import { unexpected } from "../script/redis-reply.ts";
import { SLOTS } from "./slots.ts";

/** Which node has which slot, as far as it is known. */
export class SlotTable {
  #owners: (Address | undefined)[] = new Array(SLOTS);
  #nodes = new Set<Address>();

  /** Those that have slots. */
  get owners(): ReadonlySet<Address> {
    return this.#nodes;
  }

  ownerOf(slot: number): Address | undefined {
    return this.#owners[slot];
  }

  /** A node that was asked for the slot has named another. */
  learn(slot: number, owner: Address): void {
    this.#owners[slot] = owner;
    this.#nodes.add(owner);
  }

  /** All anew, from the reply of a node to CLUSTER SLOTS. Throws a `StoreError` if it is not one. */
  replace(reply: unknown, from: Address, translate: (address: Address) => Address): void {
    const owners: (Address | undefined)[] = new Array(SLOTS);
    const nodes = new Set<Address>();
    for (const { first, last, owner } of parse(reply, from)) {
      const reached = translate(owner);
      owners.fill(reached, first, last + 1);
      nodes.add(reached);
    }
    this.#owners = owners;
    this.#nodes = nodes;
  }
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly owner: Address;
}

/** `[[first slot, last slot, [host, port, id, …] of the primary, replicas…], …]`. */
function parse(reply: unknown, from: Address): Range[] {
  if (!Array.isArray(reply) || reply.length === 0) throw unexpected(reply);
  return reply.map((range: unknown) => {
    if (!Array.isArray(range) || !Array.isArray(range[2])) throw unexpected(reply);
    const [first, last, [host, port]] = range;
    // A node that does not know its own name leaves the host out.
    const isUnknown = host === null || String(host) === "" || String(host) === "?";
    const place = { host: isUnknown ? placeOf(from).host : String(host), port: Number(port) };
    return { first: Number(first), last: Number(last), owner: addressOf(place) };
  });
}
