import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A Redis server of the benchmark's own, on a free loopback port unless `port` says otherwise. */
export async function startRedis({ port = undefined } = {}) {
  port ??= await freePort();
  const dir = mkdtempSync(join(tmpdir(), "incumbent-bench-"));
  const options = [
    "--port",
    port,
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "no",
    "--dir",
    dir,
  ];
  const server = spawn("redis-server", options.map(String), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => server.kill("SIGKILL");
  process.once("exit", kill);
  for await (const chunk of server.stdout) if (String(chunk).includes("Ready to accept")) break;
  return {
    port,
    pid: server.pid,
    stop: async () => {
      process.off("exit", kill);
      kill();
      await once(server, "exit");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
