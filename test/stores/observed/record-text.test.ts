import { expect, test } from "vitest";
import {
  checkRecord,
  decodeRecord,
  encodeRecord,
  fieldsOf,
} from "../../../src/stores/observed/record-text.ts";
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

test.each([
  ...["", "text", "null", "5", '"text"', "[]", "{}"],
  ...['{"format":1}', '{"format":"1","nonce":"x"}', '{"format":"2"}'],
])("%j is the record of another program", (text) => {
  expect(() => decodeRecord(text, 'The key "x"')).toThrow(
    'The key "x" holds something that Incumbent did not write.',
  );
});

test("a record without our format is that of another program, whatever its fields are", () => {
  for (const format of [undefined, 0, "1"]) {
    expect(() => checkRecord({ ...fieldsOf(record), format }, "The key")).toThrow("did not write");
  }
});

test("a format of a later version is an error, and not a guess", () => {
  const text = encodeRecord(record).replace('"format":1', '"format":2');
  expect(() => decodeRecord(text, "The key")).toThrow(
    "The key was written by a later version of Incumbent (format 2).",
  );
});

test.each(["nonce", "seq", "nodeId", "token", "since", "ttl", "at"])(
  "a record without %s, or with one of another type, is that of another program",
  (name) => {
    const fields = fieldsOf(record);
    const foreign = "The key holds something that Incumbent did not write.";
    expect(() => checkRecord({ ...fields, [name]: undefined }, "The key")).toThrow(foreign);
    const other = typeof fields[name] === "string" ? 1 : "1";
    expect(() => checkRecord({ ...fields, [name]: other }, "The key")).toThrow(foreign);
  },
);

test("no number of a record is below 0, and its metadata is a text", () => {
  const fields = fieldsOf(record);
  expect(checkRecord({ ...fields, since: 0 }, "The key").since).toBe(0);
  expect(() => checkRecord({ ...fields, since: -1 }, "The key")).toThrow("did not write");
  expect(() => checkRecord({ ...fields, metadata: 5 }, "The key")).toThrow("did not write");
});

test("what is of another program is said to have had no effect", () => {
  expect(() => decodeRecord("", "The key")).toThrow(
    expect.objectContaining({ code: "INCUMBENT_KEY_OCCUPIED", applied: "no" }),
  );
});

test("a record without metadata has no field for it", () => {
  expect(Object.keys(fieldsOf(record))).not.toContain("metadata");
});
