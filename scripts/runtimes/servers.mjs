import { delimiter, dirname, join } from "node:path";
import { checkoutTests } from "./checkout-tests.mjs";

const PROOFS = "vitest.proof.config.ts";
const ZOOKEEPER = "usr/share/java/zookeeper.jar";

const redis = {
  tests: ["test/stores/redis/", "test/stores/redis-quorum/", "test/cli/doctor.test.ts"],
  proofs: [
    ...["test/stores/redis/", "test/stores/redis-quorum/", "test/simulation/redis/"],
    ...["sentinel", "cluster", "server", "quorum", "network", "crash", "pause"].map(
      (fault) => `test/faults/${fault}.proof.ts`,
    ),
  ],
};
const valkey = (number, release) => ({
  name: `valkey ${number}`,
  release,
  packages: ["valkey-server", "valkey-tools"],
  programs: { "redis-server": "usr/bin/valkey-server", "redis-cli": "usr/bin/valkey-cli" },
  ...redis,
});
const sql = ["test/stores/mysql/", "test/simulation/sql/differential.test.ts"];
const etcd = (number, release) => ({
  name: `etcd ${number}`,
  release,
  packages: ["etcd-server", "etcd-client"],
  programs: { etcd: "usr/bin/etcd", etcdctl: "usr/bin/etcdctl", etcdutl: "usr/bin/etcdutl" },
  tests: ["test/stores/etcd/"],
  proofs: ["test/stores/etcd/"],
});
const nats = (number, release) => ({
  name: `nats ${number}`,
  release,
  packages: ["nats-server"],
  programs: { "nats-server": "usr/sbin/nats-server" },
  tests: ["test/stores/nats/"],
});

const zookeeper = (number, release) => ({
  name: `zookeeper ${number}`,
  release,
  packages: ["libzookeeper-java"],
  // What else it needs, the tests have installed.
  isAlone: true,
  programs: { zookeeper: ZOOKEEPER },
  tests: ["test/stores/zookeeper/"],
  proofs: ["test/stores/zookeeper/"],
});

/** Servers that are newer than those of the Debian that CI runs on. They run only when named. */
export const servers = [
  valkey(8, "trixie"),
  valkey(9, "sid"),
  {
    name: "redis 8",
    release: "sid",
    packages: ["redis-server", "redis-tools"],
    programs: { "redis-server": "usr/bin/redis-server", "redis-cli": "usr/bin/redis-cli" },
    ...redis,
  },
  etcd("3.5", "sid"),
  zookeeper("3.9.3", "trixie"),
  zookeeper("3.9", "sid"),
  nats("2.10", "trixie"),
  nats("2.15", "sid"),
  {
    name: "mysql 9",
    release: "sid",
    packages: ["mysql-server-core"],
    programs: { mysqld: "usr/sbin/mysqld" },
    tests: sql,
  },
  {
    name: "mariadb 11",
    release: "trixie",
    packages: ["mariadb-server-core", "mariadb-server", "mariadb-client-core"],
    programs: {
      mariadbd: "usr/sbin/mariadbd",
      "mariadb-install-db": "usr/bin/mariadb-install-db",
      my_print_defaults: "usr/bin/my_print_defaults",
      resolveip: "usr/bin/resolveip",
    },
    based: ["mariadbd", "mariadb-install-db"],
    tests: sql,
  },
].map((server) => ({
  ...server,
  command: [Object.keys(server.programs)[0]],
  isOnlyByName: true,
}));

/** The tests and proofs of the checkout that need a server, on this one. */
export function serverChecksOf({ name, tests, proofs, command: [program] }, { report }) {
  const env = {
    PATH: [dirname(program), process.env.PATH].join(delimiter),
    ...(program.endsWith("mysqld") && { INCUMBENT_MYSQLD: program }),
    ...(program.endsWith("zookeeper") && {
      INCUMBENT_ZOOKEEPER: join(dirname(program), "../root", ZOOKEEPER),
    }),
  };
  const say = (line) => report(`${name}: ${line}`);
  return {
    tests: checkoutTests(tests, env, say),
    ...(proofs && { proofs: checkoutTests(["--config", PROOFS, ...proofs], env, say) }),
  };
}
