import { StoreError } from "../../../errors.ts";
import type { Timer } from "../../connections/timer.ts";
import type { Address } from "../client/address.ts";
import type { SlotView } from "./slot-view.ts";

/** For how long a look that is not answered holds up the next, in ms. */
const PATIENCE = 250;

/** The look at one node that is under way, and the one that follows it. */
interface Looks {
  current: Promise<unknown> | undefined;
  next: Promise<SlotView> | undefined;
}

/**
 * What the primaries say of who has a slot. A primary that was paused or cut off goes on granting leases after a replica
 * has taken its place, until the others have reached it. It takes most of the primaries to replace one, and each of them
 * has seen it fail before it voted; what they said after a request was sent is newer than what a leader relies on.
 */
export class SlotWitnesses {
  readonly #look: (address: Address) => Promise<SlotView>;
  readonly #timer: Timer;
  readonly #looks = new Map<Address, Looks>();

  constructor(look: (address: Address) => Promise<SlotView>, timer: Timer) {
    this.#look = look;
    this.#timer = timer;
  }

  /** Why it does not count what the owner has done in this slot; nothing if most primaries still see the slot there. */
  confirm(
    slot: number,
    owner: Address,
    primaries: readonly Address[],
  ): Promise<StoreError | undefined> {
    // None is known: it was closed, and what is answered now does not count.
    if (primaries.length === 0) return Promise.resolve(unconfirmed(owner, undefined));
    const others = primaries.filter((address) => address !== owner);
    // The owner is one of them.
    const needed = Math.floor(primaries.length / 2);
    return new Promise((resolve) => {
      let agreed = 0;
      let left = others.length;
      let elsewhere: Address | undefined;
      const judge = () => {
        if (agreed >= needed) resolve(undefined);
        else if (agreed + left < needed) resolve(unconfirmed(owner, elsewhere));
      };
      for (const address of others) {
        this.#lookAt(address)
          .then((view) => {
            const named = view.ownerOf(slot);
            if (!named?.addresses.includes(owner)) elsewhere = named?.addresses.at(-1) ?? elsewhere;
            else if (!named.hasFailed) agreed += 1;
          })
          .catch(() => {})
          .finally(() => {
            left -= 1;
            judge();
          });
      }
      judge();
    });
  }

  /** A look that begins after this call. Those who ask while one is under way share the next. */
  #lookAt(address: Address): Promise<SlotView> {
    const looks = this.#looks.get(address) ?? { current: undefined, next: undefined };
    this.#looks.set(address, looks);
    if (looks.next !== undefined) return looks.next;
    const next = this.#endOf(looks.current).then(() => {
      looks.next = undefined;
      const look = this.#look(address);
      looks.current = look.catch(() => {});
      return look;
    });
    looks.next = next;
    return next;
  }

  /** When it is over, or is waited for no longer: its connection may be half open. */
  #endOf(look: Promise<unknown> | undefined): Promise<void> {
    if (look === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#timer(PATIENCE, resolve);
      void look.then(() => {
        cancel();
        resolve();
      });
    });
  }
}

/** It may have been done all the same. */
function unconfirmed(owner: Address, named: Address | undefined): StoreError {
  const detail =
    named === undefined
      ? `most primaries of the cluster do not say that the slot is at ${owner}`
      : `the slot is no longer at ${owner}; other primaries name ${named}`;
  const message = `Redis Cluster: ${detail}.`;
  return new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "maybe", detail });
}
