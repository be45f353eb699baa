import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  loadSqlite,
  type SqliteDatabase,
  type SqliteValue,
} from "../../../src/stores/sqlite/sqlite-client.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { ForgedMachine, temporaryDirectory } from "./forged-machine.ts";

const openDatabase = loadSqlite();

/** What the library is asked, and what goes wrong in it. */
let commands: string[];
let fail: (words: readonly SqliteValue[]) => void;
let path: string;
beforeEach(() => {
  commands = [];
  fail = () => {};
  path = join(temporaryDirectory(), "leader.db");
});

function open(system = {}): SqliteStore {
  const library = (file: string): SqliteDatabase => {
    const database = openDatabase(file);
    return {
      exec: (sql) => {
        commands.push(sql);
        fail([sql]);
        return database.exec(sql);
      },
      prepare: (sql) => {
        const statement = database.prepare(sql);
        return {
          get: (...values) => statement.get(...values),
          all: (...values) => statement.all(...values),
          run: (...values) => {
            fail(values);
            return statement.run(...values);
          },
        };
      },
      close: () => database.close(),
    };
  };
  const store = new SqliteStore(path, {}, { open: library, ...system });
  onTestFinished(() => store.close());
  return store;
}

/** A store that is open, so that its next transaction is that of the requests. */
async function opened(system = {}): Promise<SqliteStore> {
  const store = open(system);
  await store.acquire(acquireRequest("first"));
  commands = [];
  return store;
}

const transactions = () => commands.filter((sql) => sql === "BEGIN IMMEDIATE").length;

/** Fails when the library is given this text. */
function failAt(text: string, errcode: number): void {
  fail = (words) => {
    if (words.includes(text)) throw Object.assign(new Error("something failed"), { errcode });
  };
}

/** Asks for a lease at each of the keys, in one turn. */
function acquireAll(store: SqliteStore, keys: readonly string[]) {
  return Promise.allSettled(keys.map((key) => store.acquire(acquireRequest(key, { nodeId: key }))));
}

const granted = { status: "fulfilled", value: { granted: true } };
const rejected = (reason: object) => ({ status: "rejected", reason });

describe("requests of one turn", () => {
  test("travel in one transaction, of at most 200", async () => {
    const store = await opened();
    const keys = Array.from({ length: 450 }, (_, index) => `k${index}`);
    const replies = await acquireAll(store, keys);
    expect(replies).toMatchObject(keys.map(() => granted));
    expect(transactions()).toBe(3);
    await turn();
    await store.acquire(acquireRequest("later"));
    expect(transactions()).toBe(4);
  });

  test("are each judged for themselves, in the order in which they came", async () => {
    const store = await opened();
    const held = acquireRequest("held", { metadata: "kept" });
    const left = acquireRequest("left");
    const [one, other] = await Promise.all([store.acquire(held), store.acquire(left)]);
    if (!one.granted || !other.granted) throw new Error("a new file");
    commands = [];
    const replies = await Promise.all([
      store.acquire(acquireRequest("free")),
      store.acquire(acquireRequest("held")),
      store.acquire(acquireRequest("late", { notAfter: performance.now() - 1 })),
      store.renew(renewRequest(held, one.token, { metadata: "kept" })),
      store.release(left),
      store.renew(renewRequest(left, other.token)),
      store.acquire(acquireRequest("left")),
    ]);
    expect(replies).toMatchObject([
      { granted: true },
      { granted: false, reason: "held", leader: { metadata: "kept" } },
      { granted: false, reason: "late" },
      { renewed: true },
      { released: true },
      { renewed: false, reason: "superseded" },
      { granted: true },
    ]);
    expect(transactions()).toBe(1);
  });

  test("end no earlier than one ttl after the last of them was made", async () => {
    const machine = new ForgedMachine();
    const store = await opened({ clock: machine });
    const replies = ["a", "b"].map((key) => {
      machine.pass(500);
      return store.acquire(acquireRequest(key, { ttl: 1000 }));
    });
    machine.pass(500);
    await Promise.all(replies);
    expect(await store.read(request("a"))).toMatchObject({ expiresIn: 1000 });
    expect(await store.read(request("b"))).toMatchObject({ expiresIn: 1000 });
  });
});

describe("a request that fails alone leaves the others of its transaction as they are", () => {
  test("for its row is not ours", async () => {
    const store = await opened();
    await store.acquire(acquireRequest("foreign"));
    const database = openDatabase(path);
    database.exec(`UPDATE elections SET node_id = '"no JSON' WHERE key = 'foreign'`);
    database.close();
    const replies = await acquireAll(store, ["a", "foreign", "b"]);
    const code = "INCUMBENT_STORE_UNAVAILABLE";
    expect(replies).toMatchObject([granted, rejected({ code, applied: "no" }), granted]);
    expect(await store.read(request("a"))).toMatchObject({ nodeId: "a" });
  });

  test("for it is too large", async () => {
    const store = await opened();
    failAt("large", 18);
    const replies = await acquireAll(store, ["a", "large", "b"]);
    const message = expect.stringContaining("cannot keep a text of this size");
    expect(replies).toMatchObject([granted, rejected({ message, applied: "no" }), granted]);
    expect(await store.read(request("large"))).toBeUndefined();
    expect(await store.read(request("b"))).toMatchObject({ nodeId: "b" });
    expect(transactions()).toBe(1);
  });
});

describe("a transaction that fails, fails for all its requests, which left no trace:", () => {
  test.each([
    ["locked by another process", "BEGIN IMMEDIATE", 5, "no"],
    ["on a full disk, at one of its keys", "b", 13, "no"],
    ["out of memory, at one of its keys", "b", 7, "no"],
    ["at its commit", "COMMIT", 778, "maybe"],
  ])("%s", async (_, text, errcode, applied) => {
    const store = await opened();
    failAt(text, errcode);
    const code = "INCUMBENT_STORE_UNAVAILABLE";
    const replies = await acquireAll(store, ["a", "b", "c"]);
    expect(replies).toMatchObject(replies.map(() => rejected({ code, applied })));
    fail = () => {};
    for (const key of ["a", "c"]) expect(await store.read(request(key))).toBeUndefined();
    expect(await acquireAll(store, ["a", "b", "c"])).toMatchObject([granted, granted, granted]);
  });
});

describe("a request that is no longer awaited", () => {
  test.each([
    ["as its signal says", (signal: AbortSignal) => ({ signal })],
    ["as it says by itself", () => ({ isAwaited: false })],
  ])("%s, is not carried out, unlike the others of its turn", async (_, fieldsOf) => {
    const store = await opened();
    const controller = new AbortController();
    const given = store.acquire(acquireRequest("given up", fieldsOf(controller.signal)));
    const replies = Promise.allSettled([given, store.acquire(acquireRequest("a"))]);
    controller.abort();
    const timeout = { code: "INCUMBENT_STORE_TIMEOUT", applied: "no" };
    expect(await replies).toMatchObject([rejected(timeout), granted]);
    expect(await store.read(request("given up"))).toBeUndefined();
  });

  test("costs no signal that is not read otherwise", async () => {
    const store = await opened();
    const asked = {
      ...acquireRequest("k"),
      isAwaited: true,
      get signal(): AbortSignal {
        throw new Error("a signal was made");
      },
    };
    expect(await store.acquire(asked)).toMatchObject({ granted: true });
  });

  test("does not open the file", async () => {
    const asked = open().acquire(acquireRequest("k", { signal: AbortSignal.abort() }));
    await expect(asked).rejects.toMatchObject({ applied: "no" });
    expect(existsSync(path)).toBe(false);
  });
});

test("what was asked for before a close is carried out, and opens nothing after it", async () => {
  const store = open();
  const asked = store.acquire(acquireRequest("k"));
  await store.close();
  expect(await asked).toMatchObject({ granted: true });
  await turn();
  expect(readdirSync(dirname(path))).toEqual(["leader.db"]);
});
