import { chmodSync, chownSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest } from "../../support/requests.ts";
import { type Contender, startContender } from "./contenders.ts";
import { temporaryDirectory } from "./forged-machine.ts";

/** A directory with this mode, that every user may reach. */
function directoryWith(mode: number): string {
  const outer = temporaryDirectory();
  chmodSync(outer, 0o755);
  const directory = join(outer, "leases");
  mkdirSync(directory);
  chmodSync(directory, mode);
  return directory;
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

describe("a new file", () => {
  test.each([
    [0o700, 0o600],
    [0o755, 0o600],
    [0o770, 0o660],
    [0o777, 0o666],
    [0o1777, 0o600],
  ])(
    "in a directory with mode %o may be written by those who may replace it: %o",
    async (mode, own) => {
      const before = process.umask(0o077);
      onTestFinished(() => void process.umask(before));
      const directory = directoryWith(mode);
      const store = new SqliteStore(join(directory, "leader.db"));
      onTestFinished(() => store.close());
      expect(await store.acquire(acquireRequest("k"))).toMatchObject({ granted: true });
      for (const name of readdirSync(directory)) expect(modeOf(join(directory, name))).toBe(own);
      expect(readdirSync(directory)).toHaveLength(3);
    },
  );

  test("keeps what the umask leaves to others to read", async () => {
    const before = process.umask(0o022);
    onTestFinished(() => void process.umask(before));
    const path = join(directoryWith(0o755), "leader.db");
    const store = new SqliteStore(path);
    onTestFinished(() => store.close());
    await store.acquire(acquireRequest("k"));
    expect(modeOf(path)).toBe(0o644);
  });
});

// Root can be several users; any other user is only one, for which these say less.
const asRoot = process.geteuid?.() === 0;
const [alice, bob] = asRoot ? ["65533", "65534"] : ["", ""];

describe("two users (as root)", () => {
  const acquire = (who: Contender, nonce: string) => who.ask({ call: "acquire", nonce });

  test("who may both write the directory take part in one election", async () => {
    const path = join(directoryWith(0o2777), "leader.db");
    const first = await startContender(path, "", alice);
    const second = await startContender(path, "", bob);
    expect(await acquire(first, "hers")).toMatchObject({ granted: true });
    expect(await acquire(second, "his")).toMatchObject({ reason: "held" });
    await first.ask({ call: "release", nonce: "hers" });
    await first.ask({ call: "close" });
    expect(await acquire(second, "his")).toMatchObject({ granted: true });
    await second.ask({ call: "close" });
    expect(readdirSync(join(path, ".."))).toEqual(["leader.db"]);
  });

  test("a reader leaves no files of its own, whatever the owner does before and meanwhile", async () => {
    const directory = directoryWith(0o777);
    const path = join(directory, "leader.db");
    const owner = await startContender(path, "", alice);
    await acquire(owner, "hers");
    // What an owner with another umask has made.
    chmodSync(path, 0o644);
    await owner.ask({ call: "close" });
    const reader = await startContender(path, "", bob);
    const look = () => reader.ask({ call: "read" });
    expect(await look()).toMatchObject({ token: expect.any(Number) });
    expect(readdirSync(directory)).toEqual(["leader.db"]);
    const again = await startContender(path, "", alice);
    expect(await again.ask({ call: "renew", nonce: "hers" })).toEqual({ renewed: true });
    expect(await look()).toMatchObject({ token: expect.any(Number) });
    again.process.kill("SIGKILL");
    expect(await look()).toMatchObject({ token: expect.any(Number) });
    await reader.ask({ call: "close" });
    const last = await startContender(path, "", alice);
    expect(await last.ask({ call: "release", nonce: "hers" })).toEqual({ released: true });
    const owners = readdirSync(directory).map((name) => statSync(join(directory, name)).uid);
    expect(new Set(owners).size).toBe(1);
  });

  test("one who may not write is given the file, its owner and its mode", async () => {
    const directory = directoryWith(0o755);
    if (asRoot) chownSync(directory, Number(alice), Number(alice));
    const path = join(directory, "leader.db");
    const owner = await startContender(path, "", alice);
    await acquire(owner, "hers");
    const another = await startContender(path, "", bob);
    const asked = acquire(another, "his");
    if (!asRoot) return expect(await asked).toMatchObject({ reason: "held" });
    await expect(asked).rejects.toThrow(
      `"${path}" belongs to user 65533 and group 65533 with mode 0644, and this process is user 65534`,
    );
    expect(await owner.ask({ call: "renew", nonce: "hers" })).toEqual({ renewed: true });
    await owner.ask({ call: "close" });
    await expect(acquire(another, "his")).rejects.toThrow("belongs to user 65533");
    chmodSync(directory, 0o700);
    await expect(acquire(another, "his")).rejects.toThrow(`"${directory}" belongs to user 65533`);
    return undefined;
  });
});
