import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdirSync, renameSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadSqlite, type SqliteDatabase } from "../../../src/stores/sqlite/sqlite-client.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest, request } from "../../support/requests.ts";
import { startContender } from "./contenders.ts";
import { ForgedMachine, temporaryDirectory } from "./forged-machine.ts";

const LONG = 600_000;

function place(): string {
  return join(temporaryDirectory(), "leader.db");
}

function open(path: string, clock?: ForgedMachine): SqliteStore {
  const store = new SqliteStore(path, {}, clock && { clock });
  onTestFinished(() => store.close());
  return store;
}

/** Another process that leads, and has just been granted its lease. */
async function startLeader(path: string, fields = {}) {
  const leader = await startContender(path);
  const reply = await leader.ask({ call: "acquire", nonce: "theirs", fields });
  expect(reply).toMatchObject({ granted: true });
  const { token } = reply as { token: number }; // As was just seen.
  const renew = () =>
    leader.ask({ call: "renew", nonce: "theirs", fields: { token, ttl: LONG, ...fields } });
  const kill = async () => {
    leader.process.kill("SIGKILL");
    await once(leader.process, "exit");
  };
  return { leader, token, renew, kill };
}

function remove(path: string, ...suffixes: string[]): void {
  for (const suffix of suffixes) rmSync(`${path}${suffix}`);
}

describe("a leader whose files are removed beside the main file", () => {
  test.each([[["-wal", "-shm"]], [["-wal"]], [["-shm"]]])(
    "(%j) goes on, and no other candidate is elected",
    async (suffixes) => {
      const path = place();
      const { renew, token } = await startLeader(path);
      const store = open(path);
      remove(path, ...suffixes);
      // A failure elects no leader either: with one file of two, SQLite itself may be at a loss.
      for (const key of ["k", "another"]) {
        const asked = await store
          .acquire(acquireRequest(key, { ttl: LONG }))
          .catch(() => undefined);
        expect(asked?.granted).not.toBe(true);
      }
      expect(await renew()).toEqual({ renewed: true });
      expect(await store.read(request("k"))).toMatchObject({ token });
      expect(await store.acquire(acquireRequest("k"))).toMatchObject({ reason: "held" });
      expect(await renew()).toEqual({ renewed: true });
    },
  );

  test("notices it at its next request also if there was no other", async () => {
    const path = place();
    const { renew, token } = await startLeader(path);
    remove(path, "-wal", "-shm");
    expect(await renew()).toEqual({ renewed: true });
    const store = open(path);
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({
      reason: "held",
      leader: { token },
    });
  });

  test("notices it also while it waits for the lock", async () => {
    const path = place();
    let armed = false;
    const openDatabase = loadSqlite();
    const removing = (given: string, readOnly?: boolean): SqliteDatabase => {
      const database = openDatabase(given, readOnly);
      const exec = (sql: string) => {
        if (armed && sql === "BEGIN IMMEDIATE") {
          armed = false;
          remove(path, "-wal", "-shm");
        }
        return database.exec(sql);
      };
      return { exec, prepare: (sql) => database.prepare(sql), close: () => database.close() };
    };
    const store = new SqliteStore(path, {}, { open: removing });
    onTestFinished(() => store.close());
    const asked = acquireRequest("k", { ttl: LONG });
    const reply = await store.acquire(asked);
    if (!reply.granted) throw new Error("a new file");
    armed = true;
    expect(await store.renew({ ...asked, token: reply.token })).toEqual({ renewed: true });
    expect(armed).toBe(false);
    expect(readdirSync(dirname(path))).toHaveLength(3);
    const another = await startContender(path);
    expect(await another.ask({ call: "acquire", nonce: "theirs" })).toMatchObject({
      leader: { token: reply.token },
    });
  });

  test("lets another store of its process go on with the new files, too", async () => {
    const path = place();
    const stores = [open(path), open(path)] as const;
    const asked = acquireRequest("k", { ttl: LONG });
    const reply = await stores[0].acquire(asked);
    if (!reply.granted) throw new Error("a new file");
    expect(await stores[1].acquire(acquireRequest("k"))).toMatchObject({ reason: "held" });
    remove(path, "-wal", "-shm");
    expect(await stores[0].renew({ ...asked, token: reply.token })).toEqual({ renewed: true });
    expect(await stores[1].acquire(acquireRequest("k"))).toMatchObject({ reason: "held" });
    const another = await startContender(path);
    expect(await another.ask({ call: "acquire", nonce: "theirs" })).toMatchObject({
      leader: { token: reply.token },
    });
  });

  test("notices a log that was emptied in its place", async () => {
    const path = place();
    const { renew } = await startLeader(path);
    truncateSync(`${path}-wal`);
    const store = open(path);
    const asked = await store.acquire(acquireRequest("k", { ttl: LONG })).catch(() => undefined);
    expect(asked?.granted).not.toBe(true);
    await renew().catch(() => undefined);
    expect(await renew()).toEqual({ renewed: true });
  });

  test("notices a main file that was renamed, and is reached by a link of its old name", async () => {
    const path = place();
    const { renew, token } = await startLeader(path);
    renameSync(path, `${path}.new`);
    symlinkSync(`${path}.new`, path);
    const store = open(path);
    expect(await store.acquire(acquireRequest("k", { ttl: LONG }))).toMatchObject({
      granted: false,
    });
    expect(await renew()).toEqual({ renewed: true });
    expect(await store.read(request("k"))).toMatchObject({ token });
  });
});

describe("after leases were forgotten", () => {
  test("no leader is elected for one ttl, of any key", async () => {
    const path = place();
    const { kill } = await startLeader(path);
    await kill();
    remove(path, "-wal", "-shm");
    const machine = new ForgedMachine();
    const store = open(path, machine);
    const refused = { granted: false, reason: "quarantine", leader: undefined };
    for (const key of ["k", "another"]) {
      expect(await store.acquire(acquireRequest(key))).toEqual({ ...refused, retryIn: 1000 });
    }
    expect(await store.acquire(acquireRequest("k", { ttl: 5000 }))).toMatchObject({
      retryIn: 5000,
    });
    expect(await store.keys()).toEqual([]);
    machine.pass(999);
    expect(await store.acquire(acquireRequest("k"))).toEqual({ ...refused, retryIn: 1 });
    machine.pass(1);
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
  });

  test("a candidate that opens the file later waits as well", async () => {
    const path = place();
    const { kill } = await startLeader(path);
    await kill();
    remove(path, "-wal", "-shm");
    const first = await startContender(path);
    const asked = await first.ask({ call: "acquire", nonce: "mine", fields: { ttl: LONG } });
    expect(asked).toMatchObject({ reason: "quarantine" });
    const second = open(path);
    expect(await second.acquire(acquireRequest("k", { ttl: LONG }))).toMatchObject({
      reason: "quarantine",
    });
  });

  test("the wait is over after a restart of the machine, and not longer after a clock that went back", async () => {
    const path = place();
    const { kill } = await startLeader(path);
    await kill();
    remove(path, "-wal", "-shm");
    const machine = new ForgedMachine();
    const store = open(path, machine);
    await store.acquire(acquireRequest("k"));
    machine.pass(-40_000);
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ retryIn: 1000 });
    machine.pass(999);
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ retryIn: 1 });
    machine.set({ boot: "boot-2" });
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
  });

  test("an older term restores nothing, nor does a renewal once the wait is over", async () => {
    const path = place();
    const { leader, kill } = await startLeader(path);
    const machine = new ForgedMachine();
    await leader.ask({ call: "release", nonce: "theirs" });
    await kill();
    remove(path, "-wal", "-shm");
    const store = open(path, machine);
    await store.acquire(acquireRequest("k"));
    const renewal = (nonce: string, token: number) => ({
      ...acquireRequest("k", { nonce }),
      token,
    });
    expect(await store.renew(renewal("last", 2000))).toEqual({ renewed: true });
    expect(await store.renew(renewal("older", 1999))).toMatchObject({ reason: "superseded" });
    expect(await store.renew(renewal("twin", 2000))).toMatchObject({ reason: "superseded" });
    expect(await store.read(request("k"))).toMatchObject({ token: 2000, since: 2 });
    await store.release({ ...request("k"), nonce: "last" });
    expect(await store.renew(renewal("last", 2000))).toMatchObject({ reason: "superseded" });
    machine.pass(1000);
    expect(await store.renew(renewal("late", 3000))).toMatchObject({ reason: "superseded" });
  });
});

describe("nothing is forgotten, and no candidate waits,", () => {
  test("after the last has closed the file, which is all that is left then", async () => {
    const path = place();
    const { leader } = await startLeader(path);
    const store = open(path);
    await store.read(request("k"));
    await store.close();
    await leader.ask({ call: "release", nonce: "theirs" });
    await leader.ask({ call: "close" });
    expect(readdirSync(dirname(path))).toEqual(["leader.db"]);
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
  });

  test("after a process that was killed: its lease is known", async () => {
    const path = place();
    const { kill } = await startLeader(path);
    await kill();
    const store = open(path);
    expect(await store.acquire(acquireRequest("k"))).toMatchObject({ reason: "held" });
    expect(await store.acquire(acquireRequest("another"))).toMatchObject({ granted: true });
  });

  test("after a process that ended without closing its store", async () => {
    const path = place();
    const built = new URL("../../../dist/sqlite.js", import.meta.url);
    const asked = `{ key: "k", clock: { now: () => 0 }, notAfter: 1, signal: new AbortController().signal, nonce: "n", nodeId: "n", ttl: 1e6, above: 0 }`;
    const script = `
      const { SqliteStore } = await import(${JSON.stringify(built.href)});
      const store = new SqliteStore(${JSON.stringify(path)});
      console.log((await store.acquire(${asked})).granted);
      process.exit();`;
    const ended = await promisify(execFile)(process.execPath, [
      "--input-type=module",
      "-e",
      script,
    ]);
    expect(ended.stdout).toBe("true\n");
    expect(readdirSync(dirname(path))).toEqual(["leader.db"]);
    expect(await open(path).acquire(acquireRequest("another"))).toMatchObject({ granted: true });
  });

  test("while another process begins with a file that was closed", async () => {
    const path = place();
    const first = open(path);
    await first.acquire(acquireRequest("k"));
    await first.close();
    const contenders = await Promise.all([1, 2, 3].map(() => startContender(path)));
    const asked = contenders.map((one, index) =>
      one.ask({ call: "acquire", nonce: `n${index}`, fields: { key: `key-${index}` } }),
    );
    for (const reply of await Promise.all(asked)) expect(reply).toMatchObject({ granted: true });
  });

  test("in a file without a log that another library closed, but one ttl is waited", async () => {
    const path = place();
    const first = open(path);
    await first.acquire(acquireRequest("k"));
    await first.close();
    const other = loadSqlite()(path);
    other.exec("PRAGMA journal_mode = WAL; PRAGMA user_version = 1");
    other.close();
    expect(readdirSync(dirname(path))).toEqual(["leader.db"]);
    const store = open(path);
    expect(await store.acquire(acquireRequest("another"))).toMatchObject({
      reason: "quarantine",
    });
  });
});
