import { type Address, addressOf, placeOf } from "../client/address.ts";
import { unexpected } from "../script/redis-reply.ts";

/** The node that has a slot, as another one sees it. */
interface SlotOwner {
  /** By its IP address and, if it has one, by its name. */
  readonly addresses: readonly Address[];
  /** Most primaries could not reach it: only then may they vote for a replica in its place. */
  readonly hasFailed: boolean;
}

/**
 * How one node sees the others, from its reply to CLUSTER NODES. CLUSTER SLOTS does not suffice: it names a primary
 * that has failed until the news of its successor arrives, also if the node itself has voted for that successor.
 */
export class SlotView {
  readonly #lines: readonly (readonly string[])[];
  readonly #translate: (address: Address) => Address;

  /** `translate`: where a node is reached that calls itself so. Throws a `StoreError` if it is no such reply. */
  constructor(reply: unknown, translate: (address: Address) => Address) {
    if (typeof reply !== "string" && !(reply instanceof Uint8Array)) throw unexpected(reply);
    const lines = String(reply).split("\n");
    this.#lines = lines.map((line) => line.split(" ")).filter((words) => words.length >= 8);
    if (this.#lines.length === 0) throw unexpected(reply);
    this.#translate = translate;
  }

  ownerOf(slot: number): SlotOwner | undefined {
    for (const [, place = "", flags = "", , , , , , ...ranges] of this.#lines) {
      if (!ranges.some((range) => isWithin(slot, range))) continue;
      return {
        addresses: addressesOf(place).map((address) => this.#translate(address)),
        hasFailed: flags.split(",").includes("fail"),
      };
    }
    return undefined;
  }
}

/** `first-last` or one slot. A slot that is being moved is in the list once more, as `[slot->-node]`. */
function isWithin(slot: number, range: string): boolean {
  const [first = "", last = first] = range.split("-");
  return Number(first) <= slot && slot <= Number(last);
}

/** `ip:port@bus,name,…`: without a name before Redis 7, and with neither `@bus` nor name before Redis 4. */
function addressesOf(place: string): Address[] {
  const [own = "", name = ""] = place.split(",");
  const address = own.split("@")[0] ?? "";
  return name === "" ? [address] : [address, addressOf({ ...placeOf(address), host: name })];
}
