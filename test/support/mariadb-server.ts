import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  environment,
  type Installation,
  type Launch,
  type MysqlServer,
  startServer,
} from "./mysql-server.ts";

const run = promisify(execFile);

const small = ["--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M"];

/** A server that starts deletes the temporary tables in this folder, also those of another one that runs. */
const temporary = (dir: string) => `--tmpdir=${dir}`;

const mariadb: Installation = {
  install: async (dir, { uid }) => {
    const data = `--datadir=${join(dir, "data")}`;
    const user = uid === undefined ? [] : ["--user=nobody"];
    const plain = ["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"];
    await run("mariadb-install-db", [...plain, ...user, ...small, data, temporary(dir)], {
      env: environment,
    });
  },
  command: (dir, port) => [
    "mariadbd",
    ...["--no-defaults", `--datadir=${join(dir, "data")}`, `--socket=${join(dir, "socket")}`],
    ...["--bind-address=127.0.0.1", `--port=${port}`, `--pid-file=${join(dir, "pid")}`],
    ...[...small, temporary(dir)],
  ],
};

/** A MariaDB server of its own for a test file. */
export function startMariadb(launch: Launch = {}): Promise<MysqlServer> {
  return startServer(mariadb, launch);
}
