import type { StoreError } from "../errors.ts";
import type { LeaseRecord, Refusal } from "../stores/lease-store.ts";
import type { Clock } from "./time/clock.ts";

/** What kept the last attempt from being granted. Times are on the elector's clock, in ms. */
export type Obstacle =
  | { readonly reason: "lease" | "quarantine"; readonly until: number | undefined }
  /** Without an error, the request came too late for the store. */
  | { readonly reason: "store"; readonly error: StoreError | undefined };

/** Another process's lease as it was seen. */
export interface SeenLease {
  readonly record: LeaseRecord;
  readonly seenAt: number;
}

/** What an elector knows of others without asking: from the last answers of the store. */
export class LeaderView {
  readonly #clock: Pick<Clock, "now">;
  /** A lease that should have ended counts for so long, while the store is asked about it. */
  readonly #grace: number;
  #seen: SeenLease | undefined;
  #obstacle: Obstacle | undefined;

  constructor(clock: Pick<Clock, "now">, grace: number) {
    this.#clock = clock;
    this.#grace = grace;
  }

  /** Nothing that was seen before counts: a campaign or a term begins or ends. */
  forget(): void {
    this.#seen = this.#obstacle = undefined;
  }

  /** `ownToken` is the token of this process's last term, whose lease is no other leader's. */
  refused({ reason, leader, retryIn }: Refusal, ownToken: number | undefined): void {
    const now = this.#clock.now();
    if (reason === "late") {
      this.#obstacle = { reason: "store", error: undefined };
      return;
    }
    const longest = retryIn ?? leader?.expiresIn;
    const until = longest === undefined ? undefined : now + longest;
    this.#obstacle = { reason: reason === "held" ? "lease" : reason, until };
    this.#seen = this.#seenIn(leader, ownToken, now);
  }

  /** The attempt failed. Whose lease was seen may lead for as long as that lease lasts. */
  failed(error: StoreError): void {
    this.#obstacle = { reason: "store", error };
    if (this.#seen !== undefined && endOf(this.#seen) <= this.#clock.now()) this.#seen = undefined;
  }

  /** The lease was read, outside of the campaign. */
  read(leader: LeaseRecord | undefined, ownToken: number | undefined): void {
    this.#seen = this.#seenIn(leader, ownToken, this.#clock.now());
    if (leader === undefined && this.#obstacle?.reason === "lease") this.#obstacle = undefined;
  }

  leader(now: number): SeenLease | undefined {
    const seen = this.#seen;
    return seen !== undefined && now < endOf(seen) + this.#grace ? seen : undefined;
  }

  obstacle(now: number): Obstacle | undefined {
    const obstacle = this.#obstacle;
    if (obstacle?.reason !== "lease" || obstacle.until === undefined) return obstacle;
    return now < obstacle.until + this.#grace ? obstacle : undefined;
  }

  #seenIn(
    record: LeaseRecord | undefined,
    ownToken: number | undefined,
    seenAt: number,
  ): SeenLease | undefined {
    return record === undefined || record.token === ownToken ? undefined : { record, seenAt };
  }
}

/** When the lease ends if it is not renewed. */
export function endOf({ record, seenAt }: SeenLease): number {
  return seenAt + record.expiresIn;
}
