import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { machineClock } from "../../../src/stores/sqlite/sqlite-clock.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest } from "../../support/requests.ts";
import { temporaryDirectory } from "./forged-machine.ts";

// Linux lets only root have a namespace of its own; for others these tests say less.
const asRoot = process.platform === "linux" && process.geteuid?.() === 0;

/** Runs a module, in namespaces of its own after `prepare`, and gives back what it prints. */
async function run(script: string, namespaces: string[], prepare = "true"): Promise<string> {
  const node = ["sh", "-c", `${asRoot ? prepare : "true"} && exec "$0" "$@"`, process.execPath];
  const [program = "", ...args] = [
    ...(asRoot ? ["unshare", ...namespaces] : []),
    ...node,
    ...["--input-type=module", "-e", script],
  ];
  const { stdout } = await promisify(execFile)(program, args);
  return stdout.trim();
}

/** A file of the sources as it is compiled: the package has none that is so small. */
function built(name: string): string {
  return JSON.stringify(new URL(`../../../build/src/stores/sqlite/${name}`, import.meta.url).href);
}

const clocks = `
  const { machineClock } = await import(${built("sqlite-clock.js")});
  const clock = machineClock();
  console.log(JSON.stringify([clock.bootId(), clock.monotonic(), clock.bootTime().ms]));`;

describe("the identity of the boot", () => {
  const path = "/proc/sys/kernel/random/boot_id";

  test.runIf(process.platform === "linux")("is the kernel's", async () => {
    const [bootId] = JSON.parse(await run(clocks, ["--mount"]));
    expect(bootId).toBe(readFileSync(path, "utf8").trim());
    expect(machineClock().bootId()).toBe(bootId);
  });

  test("is none if a file of a container's manager is mounted over it (as root)", async () => {
    const file = join(temporaryDirectory(), "boot-id");
    writeFileSync(file, "3c0f4c7e-0000-4000-8000-000000000000\n");
    const [bootId] = JSON.parse(
      await run(clocks, ["--mount"], `mount --bind ${file} ${path} && cat ${path} > /dev/null`),
    );
    expect(bootId).toBe(asRoot ? "" : machineClock().bootId());
  });
});

describe.each([
  ["ahead", "200000"],
  ["behind", "-100"],
])("in a time namespace that is %s (as root)", (_where, seconds) => {
  const offset = ["--time", "--fork", "--monotonic", seconds, "--boottime", seconds];

  test("the clocks are those of the machine", async () => {
    const before = [machineClock().monotonic() ?? 0, machineClock().bootTime().ms] as const;
    const [, monotonic, sinceBoot] = JSON.parse(await run(clocks, offset));
    const after = [machineClock().monotonic() ?? 0, machineClock().bootTime().ms] as const;
    // What is known of the time since boot is rounded down, the offset is not.
    const [here, there] = [before, after].map(([first, second]) => [first, second]);
    expect(monotonic).toBeGreaterThan(here?.[0] ?? Number.POSITIVE_INFINITY);
    expect(monotonic).toBeLessThan(there?.[0] ?? 0);
    expect(sinceBoot).toBeGreaterThan((here?.[1] ?? Number.POSITIVE_INFINITY) - 20);
    expect(sinceBoot).toBeLessThan((there?.[1] ?? 0) + 20);
  });

  test("a candidate is refused while a leader outside of it has its lease", async () => {
    const path = join(temporaryDirectory(), "leader.db");
    const store = new SqliteStore(path);
    onTestFinished(() => store.close());
    await store.acquire(acquireRequest("k", { ttl: 60_000 }));
    const request = `{ clock: { now: () => 0 }, notAfter: 1, signal: new AbortController().signal, nodeId: "n", ttl: 60_000, above: 0 }`;
    const script = `
      const { SqliteStore } = await import(${built("sqlite-store.js")});
      const store = new SqliteStore(${JSON.stringify(path)});
      const ask = (key, nonce) => store.acquire({ ...${request}, key, nonce });
      console.log((await ask("k", "a")).reason, (await ask("theirs", "b")).granted);
      await store.close();`;
    expect(await run(script, offset)).toBe("held true");
    const refused = await store.acquire(acquireRequest("theirs"));
    if (refused.granted) throw new Error("two leaders");
    expect(refused.reason).toBe("held");
    expect(refused.retryIn).toBeGreaterThan(0);
    expect(refused.retryIn).toBeLessThanOrEqual(60_000);
  });
});
