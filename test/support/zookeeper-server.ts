import { cpSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { type OwnProcess, ownFolder, startProcess } from "./own-process.ts";

/** A server of ZooKeeper, alone or of an ensemble, on free ports of the loopback. */
export interface ZookeeperServer extends OwnProcess {
  readonly port: number;
  /** As `ZookeeperStore` takes it. */
  readonly url: string;
  /** Starts it again on the same ports, with what it has written. */
  start(): Promise<void>;
  /** Removes what it has written; it must not run. */
  forget(): void;
  /** Keeps a copy of what it has written, or comes back to it; it must not run. */
  save(): void;
  restore(): void;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** Where Debian keeps the server, which names what else it needs; and where Homebrew keeps it beside all that. */
const DEBIAN = "/usr/share/java/zookeeper.jar";
const OTHERS = ["/opt/homebrew/opt/zookeeper/libexec/lib", "/usr/local/opt/zookeeper/libexec/lib"];

/**
 * The file or folder with the server, or where it is looked for first. `INCUMBENT_ZOOKEEPER` names another one, for
 * example the zookeeper.jar of another release of Debian.
 */
export function zookeeperLibrary(): string {
  const { INCUMBENT_ZOOKEEPER: other } = process.env;
  return other ?? [DEBIAN, ...OTHERS].find(existsSync) ?? DEBIAN;
}

function classPath(): string {
  const library = zookeeperLibrary();
  if (!library.endsWith(".jar")) return join(library, "*");
  // Debian's names what else it needs by its place in the system, but not all that TLS needs. One of another release
  // needs its own records, which would be found too late.
  const records = join(library, "..", "zookeeper-jute.jar");
  return [records, library, join(DEBIAN, "..", "netty-codec.jar")].join(":");
}

/** Starts quickly, is content with little, and says at once that it has begun. */
const JAVA = [
  ...["-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
  ...["-showversion", "-cp", classPath()],
];
const SERVER = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
/** How often it is asked whether it is ready, in ms, and for how long. */
const [PAUSE, PATIENCE] = [50, 25_000];
/** How long it may take to answer, in ms. */
const ANSWERS_WITHIN = 500;

/** Lines of the configuration, and of the command line in front of the server. */
export interface ZookeeperConfiguration {
  readonly lines?: readonly string[];
  readonly java?: readonly string[];
}

/** Starts one server, and waits until it can be asked. */
export async function startZookeeper(
  configuration: ZookeeperConfiguration = {},
): Promise<ZookeeperServer> {
  const server = await prepare(await freePort(), configuration);
  await server.start();
  return server;
}

/** Starts an ensemble of so many servers, and waits until each has a leader. */
export async function startEnsemble(
  size: number,
  { java = [] }: ZookeeperConfiguration = {},
): Promise<ZookeeperServer[]> {
  const ports: number[] = [];
  for (let count = 0; count < 3 * size; count += 1) ports.push(await freePort());
  const lines = Array.from({ length: size }, (_, index) => {
    const [, peer, election] = ports.slice(3 * index);
    return `server.${index + 1}=127.0.0.1:${peer}:${election}`;
  });
  const servers: ZookeeperServer[] = [];
  for (let index = 0; index < size; index += 1) {
    const own = { lines: [...lines, "initLimit=20", "syncLimit=4"] };
    servers.push(await prepare(ports[3 * index] ?? 0, { ...own, java }, index + 1));
  }
  await Promise.all(servers.map((server) => server.start()));
  return servers;
}

async function prepare(
  port: number,
  { lines = [], java = [] }: ZookeeperConfiguration,
  id?: number,
): Promise<ZookeeperServer> {
  const folder = ownFolder("zookeeper");
  const configuration = join(folder.path, "zoo.cfg");
  const own = [
    ...[`dataDir=${folder.path}`, "tickTime=250", "admin.enableServer=false"],
    ...[`clientPort=${port}`, "clientPortAddress=127.0.0.1", "maxClientCnxns=0"],
  ];
  writeFileSync(configuration, [...own, ...lines, ""].join("\n"));
  if (id !== undefined) writeFileSync(join(folder.path, "myid"), `${id}\n`);
  const [data, saved] = [join(folder.path, "version-2"), join(folder.path, "saved")];
  const forget = () => rmSync(data, { recursive: true, force: true });
  let server: OwnProcess | undefined;
  return {
    port,
    url: `zookeeper://127.0.0.1:${port}`,
    kill: async () => server?.kill(),
    pause: () => server?.pause(),
    resume: () => server?.resume(),
    start: async () => {
      server = await startProcess("java", [...JAVA, ...java, SERVER, configuration], {
        ready: /VM/,
      });
      const begun = performance.now();
      while (!/^Mode: (?!read-only)/m.test(await askWord(port, "srvr"))) {
        if (performance.now() - begun > PATIENCE) {
          await server.kill();
          throw new Error("ZooKeeper did not start");
        }
        await sleep(PAUSE);
      }
    },
    forget,
    save: () => cpSync(data, saved, { recursive: true }),
    restore: () => {
      forget();
      cpSync(saved, data, { recursive: true });
    },
    stop: async () => {
      await server?.kill();
      folder.remove();
    },
  };
}

/** What the server says to one of its words of four letters; nothing if it cannot be reached. */
export async function askWord(port: number, word: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let said = "";
  socket.on("data", (piece) => {
    said += String(piece);
  });
  // It is what is asked for whether it can be reached.
  socket.on("error", () => {});
  // A server that is just starting may leave a connection without an answer for good.
  socket.setTimeout(ANSWERS_WITHIN, () => socket.destroy());
  socket.write(word);
  await new Promise((resolve) => socket.on("close", resolve));
  return said;
}
