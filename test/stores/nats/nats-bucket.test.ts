import { describe, expect, test } from "vitest";
import { NatsBucket } from "../../../src/stores/nats/nats-bucket.ts";
import type { NatsClient, NatsHeaders } from "../../../src/stores/nats/nats-client.ts";

const settings = { bucket: "b", createBucket: true, replicas: 1, restartGuard: true };
const wait = { signal: new AbortController().signal };

/** A server whose bucket begins with this revision and takes so many writes, each of which it notes. */
function serverWithBucket(first: number | undefined, most = Number.POSITIVE_INFINITY) {
  const written: string[] = [];
  let last = (first ?? 1) - 1;
  const headers = (): NatsHeaders => {
    const values = new Map<string, string>();
    return {
      code: 0,
      get: (name) => values.get(name) ?? "",
      set: (name, value) => void values.set(name, value),
    };
  };
  const answer = (subject: string, text: string, expected: string | undefined): object => {
    if (subject.startsWith("$JS.API.")) {
      const config = { num_replicas: 1, ...(first !== undefined && { first_seq: first }) };
      return { created: "2026-01-01T00:00:00Z", config, state: { messages: 1, last_seq: last } };
    }
    if (written.length === most) return { error: { code: 400, err_code: 10_023 } };
    last += 1;
    written.push(`${subject} ${text} on ${expected}`);
    return { seq: last };
  };
  const client: NatsClient = {
    request: async (subject, text, options) => {
      const reply = answer(
        subject,
        text,
        options.headers?.get("Nats-Expected-Last-Subject-Sequence"),
      );
      return { string: () => JSON.stringify(reply) };
    },
    subscribe: () => ({ unsubscribe: () => {} }),
    closed: () => new Promise(() => {}),
    isClosed: () => false,
    close: async () => {},
  };
  const library = { connect: async () => client, createInbox: () => "inbox", headers };
  return { bucket: new NatsBucket(library, client, "b"), written };
}

describe("the first record of a bucket", () => {
  test("is written twice if the bucket begins with a revision of its own, for NATS 2.10 forgets that one", async () => {
    const { bucket, written } = serverWithBucket(5000);
    await bucket.open(settings, 0);
    expect(await bucket.write("x", "one", 0, wait)).toEqual({ seq: 5001 });
    expect(await bucket.write("y", "two", 0, wait)).toEqual({ seq: 5002 });
    expect(written).toEqual(["$KV.b.x one on 0", "$KV.b.x one on 5000", "$KV.b.y two on 0"]);
  });

  test("may have been written although the server refuses to write it again", async () => {
    const { bucket } = serverWithBucket(5000, 1);
    await bucket.open(settings, 0);
    const refused = expect(bucket.write("x", "one", 0, wait)).rejects;
    await refused.toMatchObject({ code: "INCUMBENT_STORE_REFUSED", applied: "maybe" });
  });

  test("is written once in a bucket that names no first revision", async () => {
    const { bucket, written } = serverWithBucket(undefined);
    await bucket.open(settings, 0);
    expect(await bucket.write("x", "one", 0, wait)).toEqual({ seq: 1 });
    expect(written).toEqual(["$KV.b.x one on 0"]);
  });
});
