import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A lease lasts four fifths of its ttl. */
class EndsLeasesEarly extends PlainStore {
  override save: PlainStore["save"] = (key, lease) =>
    super.save(key, { ...lease, expiresAt: lease.expiresAt - lease.ttl / 5 });
}

export const wrongStore: WrongStore = {
  caughtBy: [
    "lease-lasts-its-ttl",
    "renewed-lease-lasts-its-ttl",
    "refusal-tells-when-to-return",
    "read-tells-what-remains",
    "renewal-counts-from-now",
    "late-renewal-has-no-effect",
  ],
  open: (place) => new EndsLeasesEarly(place),
};
