import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "./process.mjs";

/** A Redis server of our own on the loopback; ended with this process at the latest. */
export async function startRedis() {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "incumbent-redis-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const place = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder];
  const server = launch(["redis-server", ...place, "--save", ""], { limit: 900_000 });
  await server.says(/Ready to accept connections/);
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.kill() };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
