import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const root = new URL("../../..", import.meta.url);

const libraries = {
  ioredis: "new library.Redis(1, { lazyConnect: true })",
  "ioredis-5": "new library.Redis(1, { lazyConnect: true })",
  redis: `library.createClient({ url: "redis://127.0.0.1:1" })`,
  "redis-5": `library.createClient({ url: "redis://127.0.0.1:1" })`,
} as const;

export function attemptsToConnect(names: readonly (keyof typeof libraries)[]): void {
  test.each(names)("attempts to connect leave no socket behind, and no warning: %s", (library) => {
    const script = `
    import net from "node:net";
    import * as library from "${library}";
    import { RedisStore } from "./dist/redis.js";
    let alive = 0;
    let made = 0;
    const registry = new FinalizationRegistry(() => { alive -= 1; });
    const create = net.createConnection;
    net.createConnection = (...args) => {
      const socket = create(...args);
      alive += 1;
      made += 1;
      registry.register(socket, 0);
      return socket;
    };
    const warnings = [];
    process.on("warning", ({ message }) => warnings.push(message));
    const clock = { now: () => performance.now() };
    const store = new RedisStore(${libraries[library]});
    const read = () => store.read({ key: "job", clock, notAfter: 0, signal: AbortSignal.timeout(9999) });
    let failed = 0;
    for (let round = 0; round < 60; round += 1) await read().catch(() => { failed += 1; });
    for (let round = 0; round < 20 && alive > 5; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      gc();
    }
    console.log(JSON.stringify({ failed, made, alive, warnings }));
    await store.close();`;
    const args = ["--expose-gc", "--input-type=module", "-e", script];
    const options = { cwd: root, encoding: "utf8", timeout: 25_000 } as const;
    const seen = JSON.parse(execFileSync(process.execPath, args, options));
    expect(seen).toMatchObject({ failed: 60, warnings: [] });
    // An attempt for each request, each over one socket or, for a name, several.
    expect(seen.made).toBeGreaterThanOrEqual(60);
    expect(seen.alive).toBeLessThanOrEqual(5);
  });
}
