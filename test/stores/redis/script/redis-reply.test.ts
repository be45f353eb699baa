import { expect, test } from "vitest";
import { parseCall } from "../../../../src/stores/redis/script/redis-reply.ts";

test("a server that repeats the request is reported as another one, without the metadata", () => {
  const words = ["EVALSHA", "f".repeat(40), "1", "job", "1", "", "acquire", "my-metadata"];
  const parsed = () => parseCall(words, 1);
  expect(parsed).toThrow(/^What answers is not Redis, or a proxy changes its answers: \["EVALSHA"/);
  expect(parsed).not.toThrow("my-metadata");
});

test.each([undefined, null, 7, "OK", [], [[]], [["run", "1", "x"], []]])(
  "%j is no reply of a call with one request",
  (reply) => {
    expect(() => parseCall(reply, 1)).toThrow("What answers is not Redis");
  },
);
