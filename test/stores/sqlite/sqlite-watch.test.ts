import { execFile } from "node:child_process";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Hint } from "../../../src/stores/lease-store.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { startContender } from "./contenders.ts";
import { temporaryDirectory } from "./forged-machine.ts";

function open(path = join(temporaryDirectory(), "leader.db")) {
  const store = new SqliteStore(path);
  onTestFinished(() => store.close());
  return { path, store };
}

/** Hints as they come, and a way to wait for the next of a kind. */
function listen(store: SqliteStore, key = "k") {
  const hints: Hint[] = [];
  const waiting = new Set<{ readonly hint: Hint; readonly resolve: () => void }>();
  const unwatch = store.watch(key, (hint) => {
    hints.push(hint);
    for (const one of waiting) if (one.hint === hint) one.resolve();
  });
  const next = (hint: Hint) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(reject, 5000, new Error(`no hint "${hint}" in 5 s`));
      const one = {
        hint,
        resolve: () => {
          clearTimeout(timer);
          waiting.delete(one);
          resolve();
        },
      };
      waiting.add(one);
    });
  return { hints, next, unwatch };
}

describe("watching the file", () => {
  test("reports what another process does, but not its renewals", async () => {
    const { path, store } = open();
    const contender = await startContender(path);
    const { hints, next } = listen(store);
    const first = next("changed");
    await contender.ask({ call: "acquire", nonce: "theirs" });
    await first;
    const before = hints.length;
    for (let round = 0; round < 20; round += 1) {
      await contender.ask({ call: "renew", nonce: "theirs" });
    }
    // The metadata comes after the renewals: when it is reported, the renewals would have been.
    const second = next("changed");
    await contender.ask({ call: "renew", nonce: "theirs", fields: { metadata: "new" } });
    await second;
    expect(hints).toHaveLength(before + 1);
    const released = next("released");
    await contender.ask({ call: "release", nonce: "theirs" });
    await released;
    expect(hints.slice(before)).toEqual(["changed", "released"]);
  });

  test("wakes a listener that is granted the lease at once", async () => {
    const { path, store } = open();
    const contender = await startContender(path);
    await contender.ask({ call: "acquire", nonce: "theirs" });
    const won = new Promise((resolve) => {
      store.watch("k", () => resolve(store.acquire(acquireRequest("k"))));
    });
    await contender.ask({ call: "release", nonce: "theirs" });
    expect(await won).toMatchObject({ granted: true });
  });

  test("reports to listeners of their own key, also what this store does itself", async () => {
    const { store } = open();
    const mine = listen(store, "mine");
    const odd = listen(store, "o\0dd");
    const another = listen(store, "another");
    const hints = [mine.next("changed"), odd.next("changed")];
    await store.acquire(acquireRequest("mine"));
    await store.acquire(acquireRequest("o\0dd"));
    await Promise.all(hints);
    const last = another.next("changed");
    await store.acquire(acquireRequest("another"));
    await last;
    expect([mine.hints, odd.hints, another.hints]).toEqual([["changed"], ["changed"], ["changed"]]);
  });

  test("does not call a listener that has left", async () => {
    const { store } = open();
    const gone = listen(store);
    const stays = listen(store);
    gone.unwatch();
    gone.unwatch();
    const hint = stays.next("changed");
    await store.acquire(acquireRequest("k"));
    await hint;
    expect(gone.hints).toEqual([]);
  });

  test("goes on after a close and after the file was replaced", async () => {
    const { path, store } = open();
    const { next } = listen(store);
    await store.close();
    await store.read(request("k"));
    const afterClose = next("changed");
    const asked = acquireRequest("k");
    const reply = await store.acquire(asked);
    await afterClose;
    renameSync(path, `${path}.old`);
    if (!reply.granted) throw new Error("a new file");
    const forced = next("released");
    expect(await store.renew(renewRequest(asked, reply.token))).toMatchObject({ renewed: false });
    await forced;
    const afterReplacement = next("changed");
    await store.acquire(acquireRequest("k"));
    await afterReplacement;
  });

  test("reports, once the file is open again, what was missed while it was closed", async () => {
    const { path, store } = open();
    const contender = await startContender(path);
    await contender.ask({ call: "acquire", nonce: "theirs" });
    const { next } = listen(store);
    await store.close();
    await contender.ask({ call: "release", nonce: "theirs" });
    const missed = next("released");
    await store.read(request("k"));
    await missed;
  });

  test("of what cannot be opened is no error", () => {
    const { store } = open(join(temporaryDirectory(), "missing", "leader.db"));
    const { unwatch } = listen(store);
    expect(unwatch).not.toThrow();
  });

  test("keeps no process alive", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    const built = new URL("../../../dist/sqlite.js", import.meta.url);
    const script = `
      const { SqliteStore } = await import(${JSON.stringify(built.href)});
      new SqliteStore(${JSON.stringify(path)}).watch("k", () => {});
      console.log("watching");`;
    const run = promisify(execFile);
    const options = { timeout: 10_000 };
    const ended = await run(process.execPath, ["--input-type=module", "-e", script], options);
    expect(ended).toEqual({ stdout: "watching\n", stderr: "" });
  });
});
