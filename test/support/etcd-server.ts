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
  /** Starts it again with the same data. */
  start(): Promise<void>;
  /** Takes a snapshot of its data. */
  save(): Promise<void>;
  /** Comes back to the snapshot, as the only member; it must not run. */
  restore(): Promise<void>;
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

/** What a cluster has beside the usual. */
export interface EtcdConfiguration {
  /** More words of the command line. */
  readonly args?: readonly string[];
  /** More URLs at which clients are served, beside plain HTTP on its port. */
  readonly urls?: readonly string[];
  /** A port at which the others reach the member that listens on this one; that itself if it is left out. */
  readonly through?: (peer: number) => Promise<number>;
}

/** Where a member listens, and where the others reach it. */
interface Ports {
  readonly port: number;
  readonly peer: number;
  readonly reachedAt: number;
}

/** Starts a cluster of so many members, and waits until each has a leader. */
export async function startEtcd(
  members = 1,
  configuration: EtcdConfiguration = {},
): Promise<EtcdServer[]> {
  const { through = async (peer: number) => peer } = configuration;
  const all: Ports[] = [];
  for (let member = 0; member < members; member += 1) {
    const [port, peer] = [await freePort(), await freePort()];
    all.push({ port, peer, reachedAt: await through(peer) });
  }
  const cluster = all.map(({ reachedAt }, index) => `m${index}=http://127.0.0.1:${reachedAt}`);
  return Promise.all(
    all.map((ports, index) => startMember(`m${index}`, ports, cluster.join(","), configuration)),
  );
}

async function startMember(
  name: string,
  { port, peer, reachedAt }: Ports,
  cluster: string,
  { args: more = [], urls = [] }: EtcdConfiguration,
): Promise<EtcdServer> {
  const dir = mkdtempSync(join(tmpdir(), "incumbent-etcd-"));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  endings.add(remove);
  let server: ChildProcess;
  const [data, snapshot] = [join(dir, "data"), join(dir, "snapshot")];
  const membership = [
    ...["--name", name, "--data-dir", data, "--initial-cluster", cluster],
    ...["--initial-advertise-peer-urls", `http://127.0.0.1:${reachedAt}`],
  ];
  const launch = async () => {
    const own = `http://127.0.0.1:${port}`;
    const args = [
      ...[...membership, "--logger", "zap", "--log-level", "error"],
      ...["--listen-client-urls", [own, ...urls].join(","), "--advertise-client-urls", own],
      ...["--listen-peer-urls", `http://127.0.0.1:${peer}`],
      ...["--heartbeat-interval", "50", "--election-timeout", "500", ...more],
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
  const control = async (...args: string[]) => {
    const env = { ...process.env, ETCDCTL_API: "3" };
    const endpoint = `--endpoints=http://127.0.0.1:${port}`;
    return (await promisify(execFile)("etcdctl", [endpoint, ...args], { env })).stdout;
  };
  await launch();
  return {
    port,
    url: `etcd://127.0.0.1:${port}`,
    call: (path, body) => call(port, path, body),
    control,
    kill,
    start: launch,
    save: async () => void (await control("snapshot", "save", snapshot)),
    restore: async () => {
      rmSync(data, { recursive: true, force: true });
      await control("snapshot", "restore", snapshot, ...membership);
    },
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
    // etcd 3.4 has the text as an `error`, too.
    const { header, message } = await call(port, "kv/range", { key: "AA==" });
    return header !== undefined || /user name is empty/.test(String(message));
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
