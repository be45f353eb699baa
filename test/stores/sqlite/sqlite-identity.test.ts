import { execFile } from "node:child_process";
import { linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { mountPointsIn } from "../../../src/stores/sqlite/sqlite-identity.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { startContender } from "./contenders.ts";
import { temporaryDirectory } from "./forged-machine.ts";

/** Without it nothing can be mounted, and the test says less. */
const asRoot = process.platform === "linux" && process.geteuid?.() === 0;

const severalNames = {
  code: "INCUMBENT_STORE_MISCONFIGURED",
  applied: "no",
  message: expect.stringMatching(/has 2 names \(hard links\)/),
};

function open(path: string): SqliteStore {
  const store = new SqliteStore(path);
  onTestFinished(() => store.close());
  return store;
}

describe("a file with several names", () => {
  test("is refused under each of them, by a candidate and by a reader", async () => {
    const directory = temporaryDirectory();
    const paths = [join(directory, "a.db"), join(directory, "b.db")] as const;
    writeFileSync(paths[0], "");
    linkSync(...paths);
    for (const path of paths) {
      await expect(open(path).acquire(acquireRequest("k"))).rejects.toMatchObject(severalNames);
      await expect(open(path).read(request("k"))).rejects.toMatchObject(severalNames);
    }
  });

  test("is refused by those who have it open, too, until it has one name again", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "a.db");
    const another = join(directory, "b.db");
    const store = open(path);
    const asked = acquireRequest("k", { ttl: 60_000 });
    const reply = await store.acquire(asked);
    if (!reply.granted) throw new Error("a new file");
    linkSync(path, another);
    const contender = await startContender(another);
    await expect(contender.ask({ call: "acquire", nonce: "theirs" })).rejects.toThrow("2 names");
    const renewal = renewRequest(asked, reply.token);
    await expect(store.renew(renewal)).rejects.toMatchObject(severalNames);
    rmSync(another);
    expect(await store.renew(renewal)).toEqual({ renewed: true });
  });
});

describe("a file that is mounted by itself", () => {
  test("is known by the list of the system, whatever is in its name", () => {
    const info = [
      "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
      "41 22 254:0 /srv/a\\040b.db /data/a\\040b.db rw - ext4 /dev/vda rw",
      "",
    ].join("\n");
    expect(mountPointsIn(info)).toEqual(["/", "/data/a b.db", ""]);
  });

  test("is refused, also after links, and its directory is not (as root, by a mount of its own)", async () => {
    const directory = temporaryDirectory();
    for (const name of ["real", "mounted", "folder"]) mkdirSync(join(directory, name));
    for (const name of ["real", "mounted"]) writeFileSync(join(directory, name, "leader.db"), "");
    const built = new URL("../../../dist/sqlite.js", import.meta.url);
    const ask = `
      const { SqliteStore } = await import(${JSON.stringify(built.href)});
      for (const name of ["mounted", "folder"]) {
        const store = new SqliteStore(name + "/leader.db");
        const asked = { key: "k", clock: { now: () => 0 }, notAfter: 1, signal: new AbortController().signal, nonce: "n", nodeId: "n", ttl: 1e6, above: 0 };
        console.log(await store.acquire(asked).then((reply) => reply.granted, (error) => error.message));
      }`;
    const mounts = "mount --bind real/leader.db mounted/leader.db && mount --bind real folder && ";
    const script = `${asRoot ? mounts : ""}exec "$0" --input-type=module -e "$1"`;
    const [program, ...args] = [
      ...(asRoot ? ["unshare", "--mount"] : []),
      ...["sh", "-c", script, process.execPath, ask],
    ];
    const ended = await promisify(execFile)(program ?? "", args, { cwd: directory });
    const [mounted, folder] = ended.stdout.trim().split("\n");
    if (asRoot) expect(mounted).toMatch(/mounted\/leader\.db" is mounted by itself.*Mount its dir/);
    expect(folder).toBe("true");
  });
});
