import { StoreError } from "../../../errors.ts";
import { type Address, addressOf, placeOf } from "../client/address.ts";

/** Where a node says that a slot is. */
export interface Redirection {
  /** `moved`: from now on. `ask`: for this request, while the slot is being moved. */
  readonly kind: "moved" | "ask";
  readonly slot: number;
  readonly address: Address;
}

/** What a node that refused a request for it said of the slot; nothing if it failed for another reason. */
export function redirectionOf(error: unknown, from: Address): Redirection | undefined {
  if (!(error instanceof StoreError && error.cause instanceof Error)) return undefined;
  const found = /^(MOVED|ASK) (\d+) (\S*:\d+)/.exec(error.cause.message);
  if (found === null) return undefined;
  const [, word, slot, place = ""] = found;
  const { host, port } = placeOf(place);
  // A node that does not know its own name leaves the host out: it is the one that was asked.
  const address = addressOf({ host: host || placeOf(from).host, port });
  return { kind: word === "ASK" ? "ask" : "moved", slot: Number(slot), address };
}
