import { existsSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { isIncumbentError } from "../../../src/errors.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest } from "../../support/requests.ts";
import { temporaryDirectory } from "./forged-machine.ts";

const NFS = 0x6969;
const EXT4 = 0xef53;

describe("a bad path", () => {
  test.each([
    [undefined, /path must be the path of a file; got undefined\. Usual: /],
    ["", /path must be the path of a file; got ""/],
    [":memory:", /use a MemoryStore/],
    ["file:leader.db", /must be a plain path, not a URL/],
    ["sqlite:leader.db", /must be a plain path, not a URL/],
    ["a\0b", /NUL/],
    [
      "leader\u200b.db",
      /path must not contain .* U\+200B as character 7; got "leader<U\+200B>\.db"/,
    ],
    ["leader.db ", /path must not begin or end with white space/],
    ["no\u00adfolder/below/leader.db", /path must not contain .* U\+00AD as character 3/],
  ])("%o is refused by the constructor", (path, message) => {
    // @ts-expect-error: what a caller without types may pass.
    expect(() => new SqliteStore(path)).toThrow(message);
  });

  test("may lie in a folder that is there, whatever it is called", async () => {
    const folder = join(temporaryDirectory(), "a\u00a0b");
    mkdirSync(folder);
    const store = new SqliteStore(join(folder, "leader.db"));
    expect((await store.acquire(acquireRequest("k"))).granted).toBe(true);
    await store.close();
  });

  test.each([
    [null, /options must be an object/],
    [{ allowNetworkFilesystem: true }, /did you mean "allowNetworkFileSystem"/],
    [{ allowNetworkFileSystem: 1 }, /must be true or false; got 1/],
  ])("so are options like %o", (options, message) => {
    // @ts-expect-error: what a caller without types may pass.
    expect(() => new SqliteStore("leader.db", options)).toThrow(message);
  });
});

describe("a file system of several machines", () => {
  test.each([
    [NFS, "NFS"],
    [0x65735546, "FUSE"],
    [0xff534d42, "CIFS"],
  ])("%i is refused by name before anything is written", (type, name) => {
    const path = join(temporaryDirectory(), "new", "leader.db");
    const asked: string[] = [];
    const fileSystemOf = (place: string) => {
      asked.push(place);
      return type;
    };
    expect(() => new SqliteStore(path, {}, { fileSystemOf })).toThrow(
      new RegExp(`path must be on a disk of this machine, and is on ${name}.*use Redis`),
    );
    expect(asked).toEqual([dirname(dirname(path))]);
    expect(existsSync(dirname(path))).toBe(false);
  });

  test("is refused also if it was mounted after the store was made", async () => {
    const path = join(temporaryDirectory(), "new", "leader.db");
    let type = EXT4;
    const store = new SqliteStore(path, {}, { fileSystemOf: () => type });
    type = NFS;
    const failed = await store.acquire(acquireRequest("k")).catch((error: unknown) => error);
    expect(isIncumbentError(failed) && failed.code).toBe("INCUMBENT_INVALID_OPTION");
    expect(existsSync(dirname(path))).toBe(false);
  });

  test("is allowed to whoever takes it on himself", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    const options = { allowNetworkFileSystem: true };
    const store = new SqliteStore(path, options, { fileSystemOf: () => NFS });
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
    await store.close();
  });
});

describe("the directory", () => {
  test("is created for this user alone when it is missing", async () => {
    const path = join(temporaryDirectory(), "some", "new", "leader.db");
    const store = new SqliteStore(path);
    expect(existsSync(dirname(path))).toBe(false);
    await store.acquire(acquireRequest("k"));
    await store.close();
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  test("that cannot be created is a clear error", async () => {
    const directory = temporaryDirectory();
    const file = join(directory, "file");
    const first = new SqliteStore(file);
    await first.acquire(acquireRequest("k"));
    await first.close();
    const store = new SqliteStore(join(file, "below", "leader.db"));
    await expect(store.acquire(acquireRequest("k"))).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      applied: "no",
      message: expect.stringContaining("cannot be created"),
    });
  });

  test("may be reached by different links: it is one file and one lease", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "real"));
    symlinkSync(join(directory, "real"), join(directory, "link"));
    const one = new SqliteStore(join(directory, "real", "leader.db"));
    const two = new SqliteStore(join(directory, "link", "leader.db"));
    expect(await one.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
    expect(await two.acquire(acquireRequest("k"))).toMatchObject({ granted: false });
    await Promise.all([one.close(), two.close()]);
  });
});
