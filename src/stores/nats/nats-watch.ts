import { nameOfKey } from "../registers/key-name.ts";
import type { WatchAttempt } from "../registers/persistent-watch.ts";
import type { NatsBucket } from "./nats-bucket.ts";
import { cellOf, isRemoval, type NatsCell } from "./nats-cell.ts";
import type { NatsMessage } from "./nats-client.ts";

/** How often the server gives a sign when nothing changes, and how long it may be silent, in ms. */
const HEARTBEAT = 1000;
const SILENCE = 2500;

/**
 * Follows the record of one election by a consumer of its own. If the server is silent, if a message is missing or if
 * the connection breaks, the attempt fails: the bucket may have been replaced meanwhile.
 */
export async function followRecord(
  bucket: NatsBucket,
  key: string,
  attempt: WatchAttempt<NatsCell>,
): Promise<void> {
  if (attempt.signal.aborted) return;
  void bucket.client.closed().then(attempt.fail);
  let received = 0;
  const take = (message: NatsMessage) => {
    const { headers } = message;
    if (headers !== undefined && headers.code !== 0) {
      const isComplete =
        headers.code === 100 && received === Number(headers.get("Nats-Last-Consumer"));
      return isComplete ? undefined : attempt.fail();
    }
    const { revision, delivered } = placeOf(message);
    if (delivered !== received + 1) return attempt.fail();
    received = delivered;
    const isGone = isRemoval(headers?.get("KV-Operation") ?? "");
    attempt.report(cellOf(bucket, key, revision, isGone ? undefined : message.string()));
  };
  const { address, end } = bucket.listen((error, message) => {
    if (error !== null) return attempt.fail();
    attempt.expectSign(SILENCE);
    try {
      take(message);
    } catch {
      // What is no record of ours makes requests fail, which say so.
      attempt.fail();
    }
  });
  attempt.signal.addEventListener("abort", end);
  attempt.expectSign(SILENCE);
  const config = {
    ...{ deliver_subject: address, filter_subject: bucket.subject(nameOfKey(key)) },
    ...{ deliver_policy: "last_per_subject", ack_policy: "none", max_deliver: 1 },
    ...{ idle_heartbeat: HEARTBEAT * 1e6, mem_storage: true, num_replicas: 1 },
  };
  const body = { stream_name: bucket.stream, config };
  const { error, num_pending } = await bucket.ask("CONSUMER.CREATE", body, attempt);
  if (error !== undefined) throw bucket.refusal(error);
  if (num_pending !== 0) return;
  await bucket.confirm(attempt);
  if (received === 0) attempt.report(cellOf(bucket, key, 0, undefined));
}

/** The places of a message in its stream and among what was delivered, which stand in the subject to answer to. */
function placeOf({ reply = "" }: NatsMessage): { revision: number; delivered: number } {
  const parts = reply.split(".");
  // Later servers put their domain and their account in front.
  const first = parts.length > 9 ? 7 : 5;
  const [revision, delivered] = parts.slice(first, first + 2).map(Number);
  return { revision: revision ?? 0, delivered: delivered ?? 0 };
}
