import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadSqlite, type SqliteDatabase } from "../../../src/stores/sqlite/sqlite-client.ts";
import { machineClock } from "../../../src/stores/sqlite/sqlite-clock.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { temporaryDirectory } from "./forged-machine.ts";

const openDatabase = loadSqlite();

function make(sql: string): string {
  const path = join(temporaryDirectory(), "leader.db");
  const database = openDatabase(path);
  database.exec(sql);
  database.close();
  return path;
}

function open(path: string, system = {}): SqliteStore {
  const store = new SqliteStore(path, {}, system);
  onTestFinished(() => store.close());
  return store;
}

async function expectRefusal(path: string, message: RegExp): Promise<void> {
  const before = readFileSync(path);
  const store = open(path);
  const failure = { code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" };
  for (const name of ["acquire", "read"] as const) {
    const asked = store[name](acquireRequest("k"));
    await expect(asked).rejects.toMatchObject({
      ...failure,
      message: expect.stringMatching(message),
    });
  }
  store.watch("k", () => {})();
  await store.close();
  expect(readFileSync(path)).toEqual(before);
}

describe("a file that is not ours is left alone", () => {
  test("the database of an application", async () => {
    const path = make("CREATE TABLE users (name TEXT)");
    await expectRefusal(path, /leader\.db" is the database of something else/);
  });

  test("a foreign table of our name", async () => {
    const path = make("CREATE TABLE elections (key TEXT, nonce TEXT)");
    await expectRefusal(path, /is the database of something else/);
  });

  test("the file of a later version", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    const store = open(path);
    await store.acquire(acquireRequest("k"));
    await store.close();
    const database = openDatabase(path);
    database.exec("PRAGMA user_version = 2");
    database.close();
    await expectRefusal(path, /has format 2, and this version of incumbent knows format 1/);
  });

  test("a text", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    writeFileSync(path, "no database at all. ".repeat(100));
    await expectRefusal(path, /is not an SQLite database; give another path/);
  });
});

describe("a file that cannot be used", () => {
  test("since it is a directory, is a clear error", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    mkdirSync(path);
    await expect(open(path).acquire(acquireRequest("k"))).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: expect.stringMatching(/leader\.db" cannot be opened; it must be a file/),
    });
  });

  test("since it is damaged, is a clear error", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    const first = new SqliteStore(path);
    await first.acquire(acquireRequest("k"));
    await first.close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xff, 4096));
    await expect(open(path).acquire(acquireRequest("k"))).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      applied: "no",
      message: expect.stringMatching(/leader\.db" is damaged; stop every elector/),
    });
  });

  test("since another process has locked it, fails soon, had no effect, and is tried again", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    const store = open(path);
    await store.acquire(acquireRequest("another"));
    const other = openDatabase(path);
    onTestFinished(() => void other.close());
    other.exec("BEGIN EXCLUSIVE");
    const asked = acquireRequest("k");
    const began = performance.now();
    await expect(store.acquire(asked)).rejects.toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      applied: "no",
      message: expect.stringMatching(/leader\.db" is locked by another process/),
    });
    const waited = performance.now() - began;
    expect(waited, "it waits for the other").toBeGreaterThanOrEqual(90);
    expect(waited, "but holds the event loop up no longer").toBeLessThan(2000);
    // Readers never wait.
    expect(await store.read(request("k"))).toBeUndefined();
    other.exec("ROLLBACK");
    expect(await store.acquire(asked)).toMatchObject({ granted: true });
  });
});

describe("another process that opens the same empty file", () => {
  /** A library that does something before each statement. */
  const meddling = (act: (sql: string) => void) => ({
    open: (path: string): SqliteDatabase => {
      const database = openDatabase(path);
      const exec = (sql: string) => {
        act(sql);
        return database.exec(sql);
      };
      return { exec, prepare: (sql) => database.prepare(sql), close: () => database.close() };
    },
  });
  const locked = () => Object.assign(new Error("database is locked"), { errcode: 5 });

  test.each([
    [2, true],
    [3, false],
  ])("and changes its mode at the same time %i times is waited for: %o", async (times, granted) => {
    let left = times;
    const busy = meddling((sql) => {
      if (sql !== "PRAGMA journal_mode = WAL" || left === 0) return;
      left -= 1;
      throw locked();
    });
    const asked = open(join(temporaryDirectory(), "leader.db"), busy).acquire(acquireRequest("k"));
    if (granted) expect(await asked).toMatchObject({ granted: true });
    else await expect(asked).rejects.toMatchObject({ code: "INCUMBENT_STORE_UNAVAILABLE" });
  });

  test("and is the first to make the table and to lead, is heeded", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    // Whose requests do not wait for the turn to end.
    const first = open(path, { clock: { ...machineClock(), soon: (fire: () => void) => fire() } });
    let raced = false;
    const slow = meddling((sql) => {
      if (sql !== "BEGIN IMMEDIATE" || raced) return;
      raced = true;
      // Nothing in it is asynchronous.
      void first.acquire(acquireRequest("k"));
    });
    const store = open(path, slow);
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ reason: "held" });
    expect(raced).toBe(true);
  });
});

test("a request that waits for the lock until after its not-after is late", async () => {
  let now = 0;
  const slow = (path: string): SqliteDatabase => {
    const database = openDatabase(path);
    const exec = (sql: string) => {
      if (sql === "BEGIN IMMEDIATE") now = 100;
      return database.exec(sql);
    };
    return { exec, prepare: (sql) => database.prepare(sql), close: () => database.close() };
  };
  const store = open(join(temporaryDirectory(), "leader.db"), { open: slow });
  await store.read(request("k"));
  now = 0;
  const asked = acquireRequest("k", { clock: { now: () => now }, notAfter: 99 });
  expect(await store.acquire(asked)).toMatchObject({ granted: false, reason: "late" });
  expect(await store.read(request("k"))).toBeUndefined();
});

describe("a disk that fails", () => {
  /** A library whose next statement that contains `sql` fails as a disk does. */
  function failing(sql: string) {
    let armed = false;
    const openFailing = (path: string): SqliteDatabase => {
      const database = openDatabase(path);
      return {
        exec: (given) => {
          if (armed && given.includes(sql)) {
            armed = false;
            throw Object.assign(new Error("disk I/O error"), { errcode: 778 });
          }
          return database.exec(given);
        },
        prepare: (given) => database.prepare(given),
        close: () => database.close(),
      };
    };
    const arm = () => {
      armed = true;
    };
    return { open: openFailing, arm };
  }

  test.each([
    ["BEGIN", "no"],
    ["COMMIT", "maybe"],
  ])("at %s leaves no trace, and %s is said of the effect", async (sql, applied) => {
    const library = failing(sql);
    const store = open(join(temporaryDirectory(), "leader.db"), { open: library.open });
    const asked = acquireRequest("k");
    const reply = await store.acquire(asked);
    if (!reply.granted) throw new Error("a new file");
    library.arm();
    const renewal = renewRequest(asked, reply.token, { metadata: "lost" });
    await expect(store.renew(renewal)).rejects.toMatchObject({
      code: "INCUMBENT_STORE_UNAVAILABLE",
      applied,
      message: expect.stringMatching(/could not be read or written; check the disk/),
    });
    expect(await store.read(request("k"))).toMatchObject({ metadata: undefined });
    expect(await store.renew(renewal)).toEqual({ renewed: true });
  });
});
