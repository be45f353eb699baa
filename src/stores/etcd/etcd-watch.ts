import type { WatchAttempt } from "../registers/persistent-watch.ts";
import { type KeyValue, readAnswer, readWatchMessage } from "./etcd-answer.ts";
import type { EtcdCell } from "./etcd-cell.ts";
import type { EtcdMembers } from "./etcd-members.ts";

/** How long it may take to begin, in ms. A member may keep silent. */
const BEGINS_WITHIN = 2000;

/** Reports a key and its changes: a look, and then a stream that begins with the revision behind it. */
export async function followKey(
  members: EtcdMembers,
  /** In base64. */
  key: string,
  cellOf: (pair: KeyValue | undefined) => EtcdCell,
  attempt: WatchAttempt<EtcdCell>,
): Promise<void> {
  attempt.expectSign(BEGINS_WITHIN);
  const { kvs, revision } = readAnswer(await members.call("kv/range", { key }, attempt));
  const cell = cellOf(kvs[0]);
  const create = { key, start_revision: String(BigInt(revision) + 1n) };
  let isLive = false;
  for await (const line of members.stream("watch", { create_request: create }, attempt)) {
    const { events, isCanceled } = readWatchMessage(line);
    // The member may have forgotten the revision that the stream should begin with.
    if (isCanceled) break;
    // The first message says that the watch stands; from then on none is missed.
    if (!isLive) {
      attempt.expectSign();
      attempt.report(cell);
    }
    isLive = true;
    for (const { isDeleted, pair } of events) attempt.report(cellOf(isDeleted ? undefined : pair));
  }
  attempt.fail();
}
