import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, startRedis } from "../redis.mjs";
import { connect } from "./connect.mjs";
import { loadOf } from "./server-load.mjs";

/**
 * Starts the server that a package elects on. `load` says what it has done so far, `restart` kills it and
 * starts it again: Redis without its data, etcd with them, as both do by default.
 */
export function startServer(needs = "redis") {
  return needs === "etcd" ? startEtcd() : startRedisServer();
}

/** Whether the server of a package can be started on this machine. */
export function hasServer(needs) {
  if (needs !== "etcd") return true;
  try {
    execFileSync("etcd", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function startRedisServer() {
  let redis = await startRedis();
  const { port } = redis;
  const admin = connect(port);
  return {
    port,
    admin,
    load: () => loadOf(admin),
    signal: (signal) => process.kill(redis.pid, signal),
    restart: async () => {
      await redis.stop();
      await sleep(150);
      redis = await startRedis({ port });
    },
    stop: async () => {
      admin.disconnect();
      await redis.stop();
    },
  };
}

async function startEtcd() {
  const folder = mkdtempSync(join(tmpdir(), "incumbent-bench-"));
  const [port, peerPort] = [await freePort(), await freePort()];
  const [client, peer] = [port, peerPort].map((number) => `http://127.0.0.1:${number}`);
  const options = {
    "data-dir": folder,
    "listen-client-urls": client,
    "advertise-client-urls": client,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `default=${peer}`,
    "log-level": "error",
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const begin = async () => {
    const child = spawn("etcd", args, { stdio: "ignore" });
    while (!(await isListening(port))) await sleep(20);
    return child;
  };
  const end = async (child) => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  let etcd = await begin();
  const kill = () => etcd.kill("SIGKILL");
  process.once("exit", kill);
  return {
    port,
    load: async () => ({ cpu: cpuOf(etcd.pid), calls: {} }),
    signal: (signal) => etcd.kill(signal),
    restart: async () => {
      await end(etcd);
      await sleep(150);
      etcd = await begin();
    },
    stop: async () => {
      process.off("exit", kill);
      await end(etcd);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** CPU of a process in ms, which Linux counts in hundredths of a second. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function isListening(port) {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.on("error", () => resolve(false));
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
