import type { ReleaseRequest } from "../../../src/stores/lease-store.ts";
import { PlainStore, type WrongStore } from "../plain-store.ts";

/** The hint comes first, and the lease is free a while later. */
class TellsBeforeItWrites extends PlainStore {
  override async release(request: ReleaseRequest) {
    const { watchers } = this.place;
    const toldThen = [...watchers].filter(({ key }) => key === request.key);
    for (const { onHint } of toldThen) onHint("released");
    // There is no second hint, and a candidate that asked at once was refused.
    for (const watcher of toldThen) watchers.delete(watcher);
    await Promise.resolve();
    const reply = await super.release(request);
    for (const watcher of toldThen) watchers.add(watcher);
    return reply;
  }
}

export const wrongStore: WrongStore = {
  caughtBy: ["hint-follows-the-change"],
  open: (place) => new TellsBeforeItWrites(place),
};
