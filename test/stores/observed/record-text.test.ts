import { expect, test } from "vitest";
import { decodeRecord, encodeRecord } from "../../../src/stores/observed/record-text.ts";
import type { ObservedRecord } from "../../../src/stores/observed/register.ts";

const record: ObservedRecord = {
  ...{ nonce: "n", seq: 3, nodeId: "api-7", metadata: undefined },
  ...{ token: 2 ** 53 - 1, since: 1, ttl: 3000, at: 2 },
};

test.each([undefined, "", "http://10.0.0.7:8080 ü😀\u0000"])(
  "a record with the metadata %j is the same after it was written and read",
  (metadata) => {
    const written = { ...record, metadata };
    expect(decodeRecord(encodeRecord(written), "here")).toEqual(written);
  },
);

test.each(["", "text", "null", "[]", "{}", '{"format":1}', '{"format":"1","nonce":"x"}'])(
  "%j is the record of another program",
  (text) => {
    expect(() => decodeRecord(text, 'The key "x"')).toThrow(
      'The key "x" holds something that Incumbent did not write.',
    );
  },
);

test("a format of a later version is an error, and not a guess", () => {
  const text = encodeRecord(record).replace('"format":1', '"format":2');
  expect(() => decodeRecord(text, "The key")).toThrow(
    "The key was written by a later version of Incumbent (format 2).",
  );
});
