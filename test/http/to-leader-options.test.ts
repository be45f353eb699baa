import { describe, expect, test } from "vitest";
import { Elector } from "../../src/elector/elector.ts";
import { metadataOf } from "../../src/http/leader-address.ts";
import { parseOptions, type ToLeaderOptions } from "../../src/http/to-leader-options.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";

const elector = new Elector(new MemoryStore(), "notes");
const parse = (options: object) => parseOptions(elector, options as ToLeaderOptions);
const DAY = 86_400_000;

test("without options requests are redirected, to where the metadata of the leader says", () => {
  const { onError, ...settings } = parse({});
  expect(settings).toEqual({
    ...{ how: "redirect", address: metadataOf, wait: 5000, hops: 3, timeout: 30_000 },
  });
  expect(onError(new Error("of no interest"))).toBeUndefined();
});

test.each([
  { how: "proxy" },
  { how: "redirect" },
  { wait: 0 },
  { wait: DAY },
  { hops: 1 },
  { hops: 20 },
  { timeout: 1 },
  { timeout: DAY },
  { address: () => "http://10.0.0.7:8080" },
  { onError: () => {} },
])("%j is taken as it is given", (options) => {
  expect(parse(options)).toMatchObject(options);
});

test.each([
  [
    { how: "teleport" },
    'how must be "redirect" or "proxy"; got "teleport". Example: { how: "proxy" }.',
  ],
  [{ wait: -1 }, "Example: 5000."],
  [{ wait: DAY + 1 }, "wait must be a whole number"],
  [{ hops: 0 }, "Example: 3."],
  [{ hops: 21 }, "hops must be a whole number"],
  [{ timeout: 0 }, "Example: 30000."],
  [{ timeout: DAY + 1 }, "timeout must be a whole number"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the message has it so.
  [{ address: 5 }, "Example: ({ nodeId }) => `http://${nodeId}:8080`."],
  [{ onError: 5 }, "Example: (error) => console.error(error)."],
])("%j is refused with an example", (options, text) => {
  expect(() => parse(options)).toThrow(text);
});

test("what is no object is refused with an example of one", () => {
  const none = null as unknown as object; // Wrong on purpose.
  expect(() => parse(none)).toThrow('Example: { how: "proxy" }.');
});

describe("the metadata of the elector", () => {
  const named = (metadata: string) => new Elector(new MemoryStore(), "notes", { metadata });

  test.each(["http://10.0.0.7:8080", "https://notes.example/base"])("may be %s", (metadata) => {
    expect(parseOptions(named(metadata), {}).how).toBe("redirect");
  });

  test.each([
    "eu-1",
    "ftp://10.0.0.7",
    "http://user@10.0.0.7",
    "http://:secret@10.0.0.7",
    "http://10.0.0.7/?a=b",
    "http://10.0.0.7/#a",
  ])("is no address if it is %s", (metadata) => {
    expect(() => parseOptions(named(metadata), {})).toThrow(
      /^metadata must be the http:\/\/ or https:\/\/ address of the instance, without user, query or fragment; got .*Example: "?http:\/\/10\.0\.0\.7:8080"?\.$/,
    );
  });

  test("may be anything if the address comes from elsewhere", () => {
    const address = () => "http://10.0.0.7:8080";
    expect(parseOptions(named("eu-1"), { address }).address).toBe(address);
  });
});
