import { expect, test } from "vitest";
import { KnownServers } from "../../../../src/stores/redis/script/known-servers.ts";

const note = (run: string, mode = "standalone") => ({ run, mode, micros: 0, version: 7 });

/** One that has heard from `a` at 10, and from `b` at 20. */
function moved(): KnownServers {
  const known = new KnownServers();
  known.heard("job", note("a"), 10, undefined);
  known.heard("job", note("b"), 20, undefined);
  return known;
}

test("a first server leaves nothing to say", () => {
  const known = new KnownServers();
  expect(known.of("job").elsewhere).toBeUndefined();
  known.heard("job", note("a"), 10, undefined);
  expect(known.of("another")).toEqual({ server: { ...note("a"), at: 10 }, elsewhere: undefined });
});

test("when another server was last heard from is said until a request that said so was carried out", () => {
  const known = moved();
  expect(known.of("job").elsewhere).toBe(10);
  known.heard("job", note("b"), 30, undefined);
  expect(known.of("job").elsewhere).toBe(10);
  known.heard("job", note("b"), 40, 10);
  expect(known.of("job").elsewhere).toBeUndefined();
});

test("an answer to a request that said something older does not end it", () => {
  const known = moved();
  known.heard("job", note("a"), 30, undefined);
  expect(known.of("job").elsewhere).toBe(20);
  known.heard("job", note("a"), 40, 10);
  expect(known.of("job").elsewhere).toBe(20);
});

test("a late answer of the one before is news of another server once more", () => {
  const known = moved();
  known.heard("job", note("a"), 30, undefined);
  known.heard("job", note("b"), 40, undefined);
  expect(known.of("job").elsewhere).toBe(30);
});

test("if each key may be on a server of its own, one says nothing of another", () => {
  const known = new KnownServers();
  known.separateKeys();
  known.heard("job", note("a"), 10, undefined);
  known.heard("another", note("b"), 20, undefined);
  expect(known.of("job").elsewhere).toBeUndefined();
  expect(known.of("another").elsewhere).toBeUndefined();
  known.heard("job", note("b"), 30, undefined);
  expect(known.of("job").elsewhere).toBe(10);
});

test("a part of a cluster keeps its own keys", () => {
  const known = new KnownServers();
  known.heard("job", note("a", "cluster"), 10, undefined);
  expect(known.isSingle).toBe(false);
  expect(known.of("job").server?.run).toBe("a");
  expect(known.of("another").server).toBeUndefined();
});

test("keys that are no longer asked for are forgotten after an hour", () => {
  const known = new KnownServers();
  known.separateKeys();
  known.heard("job", note("a"), 10, undefined);
  known.heard("another", note("a"), 3_600_000, undefined);
  expect(known.of("job").server?.run).toBe("a");
  known.heard("another", note("a"), 3_600_011, undefined);
  expect(known.of("job").server).toBeUndefined();
});
