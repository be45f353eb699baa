import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { getuid } from "node:process";
import { chromiumProgram } from "./chromium.ts";
import { fetchConsul } from "./consul-program.ts";
import { postgresProgram } from "./postgres-server.ts";
import { zookeeperLibrary } from "./zookeeper-server.ts";

/** What the tests start: by the name of Debian's package, and of its program if that has another. */
const programs: readonly Program[] = [
  { name: "redis-server", version: "--version", what: "Redis 6 or later" },
  {
    name: "postgresql",
    program: postgresProgram("postgres"),
    version: "--version",
    what: "PostgreSQL 12 or later",
  },
  { name: "pgbouncer", version: "--version", what: "PgBouncer 1.18 or later" },
  { name: "nats-server", version: "--version", what: "nats-server 2.9 or later" },
  { name: "etcd-server", program: "etcd", version: "--version", what: "etcd 3.4 or later" },
  { name: "etcd-client", program: "etcdctl", version: "version", what: "its command etcdctl" },
  { name: "default-jre-headless", program: "java", version: "-version", what: "Java" },
  {
    name: "libzookeeper-java",
    // It is a library, which Java runs.
    program: "ls",
    version: zookeeperLibrary(),
    what: "ZooKeeper 3.5 or later",
  },
  { name: "openssl", version: "version", what: "OpenSSL, to make certificates" },
  { name: "tmux", version: "-V", what: "tmux, a terminal to type into" },
  { name: "faketime", version: "--version", what: "faketime, clocks that are wrong" },
  { name: "zsh", version: "--version", what: "zsh, to complete a line" },
  { name: "fish", version: "--version", what: "fish, for the same" },
  {
    name: "mariadb-server-core",
    program: "mariadbd",
    version: "--version",
    what: "the server of MariaDB",
  },
  {
    name: "mariadb-client-core",
    program: "my_print_defaults",
    version: "--version",
    what: "what the installation of MariaDB reads its options with",
  },
];

interface Program {
  readonly name: string;
  readonly program?: string;
  readonly version: string;
  readonly what: string;
}

/** Debian keeps servers in a folder that is on the path of root only. */
const PATH = `${process.env["PATH"]}:/usr/sbin`;

/** Tests start their own servers and terminals; this makes sure that there are some to start. */
export function setup(): void {
  if (!fetchConsul())
    process.stdout.write("left out: the tests on Consul, which is not to be had\n");
  // It takes half a minute to install.
  if (chromiumProgram() === undefined)
    process.stdout.write(
      "left out: the tests of the dashboard in Chromium, which is not installed\n",
    );
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  if (!existsSync("/etc/debian_version")) {
    const wanted = missing.map(({ name, what }) => `${name} (${what})`).join(" and ");
    throw new Error(
      `The tests need ${wanted} on the PATH: install it, on macOS with brew install redis tmux libfaketime zsh fish mariadb postgresql pgbouncer nats-server etcd openjdk zookeeper.`,
    );
  }
  process.stdout.write(`installing ${names.join(" and ")} with apt-get …\n`);
  const asRoot = getuid?.() === 0 ? [] : ["sudo", "-n"];
  apt([...asRoot, "apt-get", "update", "-qq"]);
  apt([...asRoot, "apt-get", "install", "-y", "-qq", "--no-install-recommends", ...names]);
  const still = missing.filter((program) => !isInstalled(program)).map(({ name }) => name);
  if (still.length > 0)
    throw new Error(`apt-get has installed ${still.join()}, but it does not run.`);
}

function isInstalled({ name, program = name, version }: Program): boolean {
  return spawnSync(program, [version], { env: { ...process.env, PATH } }).status === 0;
}

function apt([command = "", ...args]: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, stderr } = spawnSync(command, args, { env, encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`"${[command, ...args].join(" ")}" failed, which the tests need: ${stderr}`);
}
