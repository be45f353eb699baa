import { release } from "../../../src/stores/lease-rules.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A release ends the lease of any holder: DEL without comparing the value. */
class ReleasesAnyLease extends PlainStore {
  override decideRelease: PlainStore["decideRelease"] = (lease, request, moment) =>
    release(lease, { ...request, nonce: lease?.nonce ?? "" }, moment);
}

export const wrongStore: WrongStore = {
  caughtBy: [
    "identity-is-the-nonce",
    "repeated-release-is-harmless",
    "old-term-spares-its-successor",
    "close-ends-requests",
  ],
  open: (place) => new ReleasesAnyLease(place),
};
