import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Nothing survives the tests, also when one of them throws.
const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.on("exit", () => {
  for (const server of running) server.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the tests. */
export function ownFolder(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `incumbent-${name}-`));
  folders.add(path);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
      folders.delete(path);
    },
  };
}

/** A process of one test file. */
export interface OwnProcess {
  /** SIGKILL, and waits until it has gone. */
  kill(): Promise<void>;
  /** SIGSTOP. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
}

/** Starts a server, and waits until it has written `ready`. */
export async function startProcess(
  program: string,
  args: readonly string[],
  { ready, env = {} }: { ready: RegExp; env?: NodeJS.ProcessEnv },
): Promise<OwnProcess> {
  const path = `${process.env["PATH"]}:/usr/sbin`;
  const server = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env, PATH: path },
  });
  running.add(server);
  let log = "";
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: unknown) => {
      log += String(chunk);
      if (ready.test(log)) resolve();
    };
    server.stdout.on("data", onData);
    server.stderr.on("data", onData);
    server.on("error", reject);
    server.on("exit", () => reject(new Error(`${program} did not start:\n${log}`)));
  });
  return {
    kill: async () => {
      if (!running.delete(server)) return;
      server.kill("SIGKILL");
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    },
    pause: () => void server.kill("SIGSTOP"),
    resume: () => void server.kill("SIGCONT"),
  };
}
