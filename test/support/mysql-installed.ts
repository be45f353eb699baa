import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { startMariadb } from "./mariadb-server.ts";
import {
  environment,
  type Installation,
  type Launch,
  type MysqlServer,
  startServer,
} from "./mysql-server.ts";

const run = promisify(execFile);

/** The program of MySQL, if the tests are to run on that. */
const mysqld = process.env["INCUMBENT_MYSQLD"];

/** Whether {@link startMysql} starts MariaDB. */
export const isMariadb = mysqld === undefined;

/** A server of its own for a test file: MariaDB, or the MySQL of `INCUMBENT_MYSQLD`. */
export function startMysql(): Promise<MysqlServer> {
  return isMariadb ? startMariadb() : startInstalledMysql();
}

/** A MySQL server by the program of `INCUMBENT_MYSQLD`. Throws if the variable is not set. */
export async function startInstalledMysql(launch: Launch = {}): Promise<MysqlServer> {
  if (mysqld !== undefined) return startServer(mysqlOf(mysqld), launch);
  throw new Error(
    "INCUMBENT_MYSQLD must be the path of mysqld; got undefined. Example: INCUMBENT_MYSQLD=/usr/sbin/mysqld",
  );
}

function mysqlOf(program: string): Installation {
  const plain = (dir: string) => [
    ...["--no-defaults", `--datadir=${join(dir, "data")}`, `--tmpdir=${dir}`],
    "--innodb-buffer-pool-size=16M",
  ];
  return {
    install: async (dir, owner) => {
      await run(program, [...plain(dir), "--initialize-insecure"], { ...owner, env: environment });
    },
    command: (dir, port) => [
      program,
      ...[...plain(dir), `--socket=${join(dir, "socket")}`, `--pid-file=${join(dir, "pid")}`],
      ...["--bind-address=127.0.0.1", `--port=${port}`, "--mysqlx=OFF", "--secure-file-priv=NULL"],
    ],
  };
}
