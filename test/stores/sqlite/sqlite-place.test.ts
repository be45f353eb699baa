import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { isIncumbentError } from "../../../src/errors.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest, request } from "../../support/requests.ts";
import { startContender } from "./contenders.ts";
import { temporaryDirectory } from "./forged-machine.ts";

const NFS = 0x6969;
const EXT4 = 0xef53;

describe("a bad path", () => {
  test.each([
    [undefined, /path must be the path of a file; got undefined\. Example: /],
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

  test("may be in a folder that exists, whatever it is called", async () => {
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

  test("is allowed with allowNetworkFileSystem", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    const options = { allowNetworkFileSystem: true };
    const store = new SqliteStore(path, options, { fileSystemOf: () => NFS });
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
    await store.close();
  });
});

describe("reading makes nothing", () => {
  const looks = {
    read: (store: SqliteStore) => store.read(request("k")),
    keys: (store: SqliteStore) => store.keys(),
  };

  test("if there is no file, there is no election yet", async () => {
    const directory = temporaryDirectory();
    const store = new SqliteStore(join(directory, "leader.db"));
    store.watch("k", () => {})();
    expect(await store.read(request("k"))).toBeUndefined();
    expect(await store.keys()).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  test("nor in a file that is empty, or was closed by the last that had it open", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    writeFileSync(path, "");
    const store = new SqliteStore(path);
    onTestFinished(() => store.close());
    expect(await store.read(request("k"))).toBeUndefined();
    expect(readFileSync(path, "utf8")).toBe("");
    await store.acquire(acquireRequest("k"));
    await store.close();
    const before = readFileSync(path);
    expect(await store.read(request("k"))).toMatchObject({ nodeId: "node" });
    expect(await store.keys()).toEqual(["k"]);
    expect(readdirSync(dirname(path))).toEqual(["leader.db"]);
    await store.close();
    expect(readFileSync(path)).toEqual(before);
  });

  test.each(["read", "keys"] as const)("%s names a directory that is missing", async (name) => {
    const directory = join(temporaryDirectory(), "typo");
    const store = new SqliteStore(join(directory, "leader.db"));
    await expect(looks[name](store)).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      applied: "no",
      message: expect.stringContaining(`The directory "${directory}" of the SQLite file`),
    });
    expect(existsSync(directory)).toBe(false);
  });

  test("what is missing beside the file is an error, and is not made", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    const leader = await startContender(path);
    await leader.ask({ call: "acquire", nonce: "theirs" });
    for (const suffix of ["-wal", "-shm"]) rmSync(`${path}${suffix}`);
    const store = new SqliteStore(path);
    onTestFinished(() => store.close());
    const failure = { code: "INCUMBENT_STORE_UNAVAILABLE", applied: "no" };
    await expect(store.keys()).rejects.toMatchObject({
      ...failure,
      message: expect.stringContaining("lacks its -wal or -shm file"),
    });
    expect(readdirSync(dirname(path))).toEqual(["leader.db"]);
    writeFileSync(`${path}-wal`, "");
    await expect(store.keys()).rejects.toMatchObject(failure);
    expect(readdirSync(dirname(path))).toEqual(["leader.db", "leader.db-wal"]);
  });
});

describe("the directory", () => {
  test.each(["missing", "a file"])("that is %s is a clear error, and is not made", async (what) => {
    const directory = join(temporaryDirectory(), "typo");
    if (what === "a file") writeFileSync(directory, "");
    const store = new SqliteStore(join(directory, "leader.db"));
    await expect(store.acquire(acquireRequest("k"))).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      applied: "no",
      message: expect.stringContaining("does not exist. Create it"),
    });
    expect(existsSync(join(directory, "leader.db"))).toBe(false);
  });

  test("may be reached by different links: it is one file and one lease", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "real"));
    symlinkSync(join(directory, "real"), join(directory, "link"));
    symlinkSync(join(directory, "real", "leader.db"), join(directory, "other.db"));
    const [one, ...others] = [
      new SqliteStore(join(directory, "real", "leader.db")),
      new SqliteStore(join(directory, "link", "leader.db")),
      new SqliteStore(join(directory, "other.db")),
    ];
    expect(await one?.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
    for (const other of others) {
      expect(await other.acquire(acquireRequest("k"))).toMatchObject({ reason: "held" });
      await other.close();
    }
    await one?.close();
    expect(readdirSync(directory).sort()).toEqual(["link", "other.db", "real"]);
  });
});
