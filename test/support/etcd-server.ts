import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";

/** A member of a cluster of etcd, on free ports of the loopback. */
export interface EtcdServer {
  readonly port: number;
  /** As `EtcdStore` takes it. */
  readonly url: string;
  /** Sends a request to the JSON gateway. */
  call(path: string, body: object): Promise<Record<string, unknown>>;
  /** Runs `etcdctl` against it. */
  control(...args: string[]): Promise<string>;
  /** SIGKILL, and waits until it has gone. */
  kill(): Promise<void>;
  /** Starts it again with the same data, or with those of this directory. */
  start(dir?: string): Promise<void>;
  /** SIGSTOP. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

const endings = new Set<() => void>();
process.on("exit", () => {
  for (const end of endings) end();
});

/** How often it is asked whether it is ready, in ms. */
const PAUSE = 50;
const PATIENCE = 60_000;

/** Starts a cluster of so many members, and waits until each has a leader. */
export async function startEtcd(members = 1): Promise<EtcdServer[]> {
  const ports: [client: number, peer: number][] = [];
  for (let member = 0; member < members; member += 1) {
    ports.push([await freePort(), await freePort()]);
  }
  const cluster = ports.map(([, peer], index) => `m${index}=http://127.0.0.1:${peer}`).join(",");
  return Promise.all(ports.map((both, index) => startMember(`m${index}`, both, cluster)));
}

async function startMember(
  name: string,
  [port, peer]: readonly [client: number, peer: number],
  cluster: string,
): Promise<EtcdServer> {
  const dir = mkdtempSync(join(tmpdir(), "incumbent-etcd-"));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  endings.add(remove);
  let server: ChildProcess;
  const launch = async (data: string) => {
    const [own, others] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peer}`];
    const args = [
      ...["--name", name, "--data-dir", data, "--logger", "zap", "--log-level", "error"],
      ...["--listen-client-urls", own, "--advertise-client-urls", own],
      ...["--listen-peer-urls", others, "--initial-advertise-peer-urls", others],
      ...["--initial-cluster", cluster, "--heartbeat-interval", "50", "--election-timeout", "500"],
    ];
    server = spawn("etcd", args, { stdio: "ignore" });
    const child = server;
    const end = () => child.kill("SIGKILL");
    endings.add(end);
    child.once("exit", () => endings.delete(end));
    const begun = performance.now();
    while (!(await isReady(port))) {
      if (child.exitCode !== null || performance.now() - begun > PATIENCE) {
        throw new Error(`etcd ${name} did not start`);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  };
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
  };
  await launch(join(dir, "data"));
  return {
    port,
    url: `etcd://127.0.0.1:${port}`,
    call: (path, body) => call(port, path, body),
    control: async (...args) => {
      const env = { ...process.env, ETCDCTL_API: "3" };
      const endpoint = `--endpoints=http://127.0.0.1:${port}`;
      return (await promisify(execFile)("etcdctl", [endpoint, ...args], { env })).stdout;
    },
    kill,
    start: (data = join(dir, "data")) => launch(data),
    pause: () => void server.kill("SIGSTOP"),
    resume: () => void server.kill("SIGCONT"),
    stop: async () => {
      await kill();
      remove();
      endings.delete(remove);
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const { header, error } = await call(port, "kv/range", { key: "AA==" });
    return header !== undefined || /user name is empty/.test(String(error));
  } catch {
    return false;
  }
}

async function call(port: number, path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`http://127.0.0.1:${port}/v3/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(2000),
  });
  // The gateway answers with an object.
  return (await answer.json()) as Record<string, unknown>;
}
