import { asStoreError } from "../../errors.ts";
import { type Check, note, ok, type Verdict } from "../diagnosis.ts";
import type { Examination } from "../lease-store.ts";
import { nameOfKey } from "../registers/key-name.ts";
import { roundTrip } from "../server-checks.ts";
import { countsFromOne, type NatsBucket } from "./nats-bucket.ts";
import type { NatsConnection } from "./nats-connection.ts";
import { numbers } from "./nats-errors.ts";

/** A record of no election. */
const PROBE = nameOfKey("incumbent-doctor");

type Look = (bucket: NatsBucket, examination: Examination) => Promise<readonly Verdict[]>;

/** What is looked at in a bucket, over a connection of its own that makes none. */
export function natsChecks(connection: NatsConnection): Check[] {
  const check = (name: string, look: Look): Check => ({
    name,
    run: async (examination) => {
      const own = connection.forLooking();
      try {
        return await own.ask((bucket) => look(bucket, examination), examination);
      } catch (thrown) {
        const isMissing =
          connection.createsBucket && /has no bucket/.test(asStoreError(thrown).message);
        if (!isMissing) throw thrown;
        return name === "reachable"
          ? [note("There is no bucket yet. The first candidate that starts creates it.")]
          : [];
      } finally {
        await own.close();
      }
    },
  });
  return [
    {
      ...check("reachable", (bucket, examination) =>
        roundTrip(examination, () => bucket.ask("STREAM.INFO", {}, examination)),
      ),
      isVital: true,
      remedy: "Check host, port, user and password, and that JetStream is on.",
    },
    { ...check("rights", tryToWrite), remedy: "Allow the user to publish below $KV.BUCKET." },
    check("bucket", keeping),
  ];
}

/** No record has the first revision of all, so nothing is written. The right to do so is asked for all the same. */
async function tryToWrite(bucket: NatsBucket, examination: Examination): Promise<Verdict[]> {
  const { error } = await bucket.write(PROBE, "", 1, examination);
  if (error !== undefined && !numbers.otherRevision.includes(error.err_code)) {
    throw bucket.refusal(error);
  }
  return [ok("The elections may be read and written.")];
}

async function keeping(bucket: NatsBucket, examination: Examination): Promise<Verdict[]> {
  const reply = await bucket.ask("STREAM.INFO", {}, examination);
  const { config = {} } = reply;
  const { num_replicas = 1, storage = "file" } = config;
  const verdicts: Verdict[] = [];
  if (num_replicas > 1) {
    const says = `The bucket "${bucket.name}" is kept on ${num_replicas} servers, which have lost confirmed writes under faults: two leaders are possible then.`;
    verdicts.push(note(says, "Fence what the leader writes, or use a bucket with replicas=1."));
  }
  if (storage !== "file") {
    const says = `The bucket "${bucket.name}" is kept in ${storage}: after a restart, no process is newly elected for one ttl.`;
    verdicts.push(note(says, "If that matters, make one with the storage file."));
  }
  if (countsFromOne(reply)) {
    const says = `The bucket "${bucket.name}" counts its revisions from 1: if it is deleted and made again while electors run, two leaders are possible.`;
    verdicts.push(note(says, "Stop the electors before, or let a store make the bucket."));
  }
  return verdicts.length > 0 ? verdicts : [ok(`The bucket "${bucket.name}" is kept in a file.`)];
}
