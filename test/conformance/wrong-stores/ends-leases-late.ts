import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A lease lasts whole seconds, and that is not declared. */
class EndsLeasesLate extends PlainStore {
  override save: PlainStore["save"] = (key, lease) =>
    super.save(key, { ...lease, expiresAt: Math.ceil(lease.expiresAt / 1000) * 1000 });
}

export const wrongStore: WrongStore = {
  caughtBy: [
    "lease-lasts-its-ttl",
    "renewed-lease-lasts-its-ttl",
    "ended-lease-is-not-revived",
    "token-grows-after-expiry",
    "old-term-spares-its-successor",
    "read-shows-no-ended-lease",
  ],
  open: (place) => new EndsLeasesLate(place),
};
