import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../support/free-port.ts";

/** HAProxy in TCP mode: the first of these servers that accepts connections, and the others while it does not. */
export async function startHaproxy(ports: readonly number[]) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "incumbent-haproxy-"));
  const servers = ports.map((target, at) => {
    const backup = at === 0 ? "" : " backup";
    return `  server s${at} 127.0.0.1:${target} check inter 100 fall 1 rise 1 on-marked-down shutdown-sessions on-marked-up shutdown-backup-sessions${backup}`;
  });
  const file = join(folder, "haproxy.cfg");
  const lines = [
    ...[
      "defaults",
      "  mode tcp",
      "  timeout connect 500",
      "  timeout client 1h",
      "  timeout server 1h",
    ],
    ...["listen databases", `  bind 127.0.0.1:${port}`, ...servers, ""],
  ];
  writeFileSync(file, lines.join("\n"));
  const proxy = spawn("/usr/sbin/haproxy", ["-f", file, "-db"], { stdio: "ignore" });
  const end = () => void proxy.kill("SIGKILL");
  process.once("exit", end);
  return {
    port,
    stop: async () => {
      process.off("exit", end);
      end();
      if (proxy.exitCode === null && proxy.signalCode === null) await once(proxy, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}
