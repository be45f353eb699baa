import type { AcquireRequest, ReleaseRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** A clean-up after an attempt that was aborted is answered with success, whatever there was to clean. */
class SaysReleasedAfterAnAbort extends PlainStore {
  readonly #aborted = new Set<string>();

  override async acquire(request: AcquireRequest) {
    await Promise.resolve();
    if (!request.signal.aborted) return super.acquire(request);
    this.#aborted.add(request.nonce);
    throw new Error("aborted");
  }

  override async release(request: ReleaseRequest) {
    const reply = await super.release(request);
    return { released: reply.released || this.#aborted.has(request.nonce) };
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["release-tells-the-truth"],
  open: (place) => new SaysReleasedAfterAnAbort(place),
};
