import { type Check, error, note, ok, type Verdict } from "../diagnosis.ts";
import type { Examination } from "../lease-store.ts";
import { compareClocks, connectionsLeft, roundTrip } from "../server-checks.ts";
import { columnsIn, flawIn } from "./mysql-columns.ts";
import type { MysqlConnection } from "./mysql-connection.ts";
import type { Row } from "./mysql-driver.ts";
import { isForbidden, isForeign, isMissingTable } from "./mysql-errors.ts";
import type { MysqlSettings } from "./mysql-settings.ts";
import { grants, type Tables, tablesOf } from "./mysql-tables.ts";

/** What the server says of itself. Those that it does not have are left out of its answer. */
const VARIABLES =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'read_only', 'super_read_only', 'innodb_read_only', " +
  "'innodb_flush_log_at_trx_commit', 'max_connections', 'wsrep_on')";

/** The oldest versions that elections work on. */
const OLDEST = { mysql: [8, 0], mariadb: [10, 6] } as const;

const CLOCK = "SELECT UNIX_TIMESTAMP(SYSDATE(6)) AS time";
const CONNECTED = "SHOW GLOBAL STATUS LIKE 'Threads_connected'";

/** The value of a variable; empty if the server does not have it. */
type Variable = (name: string) => string;

/** What is looked at in the database. */
export function mysqlChecks(connection: MysqlConnection, settings: MysqlSettings): Check[] {
  const tables = tablesOf(settings);
  const rows = async (sql: string, examination: Examination): Promise<readonly Row[]> => {
    connection.seek(examination);
    return (await connection.send(sql, examination)).rows;
  };
  const variables = async (examination: Examination): Promise<Variable> => {
    const found = await rows(VARIABLES, examination);
    const values = new Map(found.map((row) => [row["Variable_name"], row["Value"] ?? ""]));
    return (name) => values.get(name) ?? "";
  };
  return [
    {
      name: "reachable",
      isVital: true,
      remedy: "Check the address, user, password and database.",
      run: (examination) => roundTrip(examination, () => rows("SELECT 1", examination)),
    },
    {
      name: "version",
      run: async (examination) => versionIn((await variables(examination))("version")),
    },
    {
      name: "tables",
      run: (examination) => tablesIn(tables, settings, (sql) => rows(sql, examination)),
    },
    { name: "writes", run: async (examination) => writesIn(await variables(examination)) },
    {
      name: "connections",
      run: async (examination) => {
        const [connected] = await rows(CONNECTED, examination);
        const most = (await variables(examination))("max_connections");
        return connectionsLeft(Number(connected?.["Value"]), Number(most));
      },
    },
    {
      name: "clock",
      run: (examination) =>
        compareClocks(examination, async () => {
          const [clock] = await rows(CLOCK, examination);
          return Number(clock?.["time"]) * 1000;
        }),
    },
  ];
}

function versionIn(version: string): Verdict[] {
  const kind = /mariadb/i.test(version) ? "mariadb" : "mysql";
  const name = kind === "mariadb" ? "MariaDB" : "MySQL";
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  const [least, leastMinor] = OLDEST[kind];
  const says = `${name} ${version}.`;
  const isOld = major < least || (major === least && minor < leastMinor);
  return isOld ? [error(says, `Use ${name} ${least}.${leastMinor} or later.`)] : [ok(says)];
}

const COLUMNS = "nonce, node_id, metadata, token, since, ttl, ends_at, run, waits_until, `floor`";

/** EXPLAIN needs the rights of what it explains, and does nothing of it. */
async function tablesIn(
  tables: Tables,
  settings: MysqlSettings,
  ask: (sql: string) => Promise<readonly Row[]>,
): Promise<Verdict[]> {
  const { elections, fences } = tables;
  const uses = [elections, fences].flatMap((table) => [
    `EXPLAIN SELECT ${table === elections ? COLUMNS : "token"} FROM ${table} WHERE \`key\` = ''`,
    `EXPLAIN UPDATE ${table} SET token = 0 WHERE \`key\` = ''`,
    `EXPLAIN INSERT INTO ${table} (\`key\`, token) VALUES ('', 0)`,
  ]);
  try {
    for (const use of uses) await ask(use);
    const flaw = flawIn(await ask(columnsIn(settings)));
    if (flaw !== undefined) return [error(sentence(flaw.fault), `Run: ${flaw.remedy}.`)];
    return [ok("The tables of the elections are there, with the rights that elections need.")];
  } catch (thrown) {
    if (isForbidden(thrown)) {
      // A finding has one line.
      const remedy = `Run: ${grants(tables).replaceAll("\n", " ")}.`;
      return [error("The user lacks a right on the tables.", remedy)];
    }
    if (isForeign(thrown)) {
      const says = `Of the tables ${elections} and ${fences} at least one is not the store's.`;
      return [error(says, 'Give others by the option table, such as { table: "app_elections" }.')];
    }
    if (!isMissingTable(thrown)) throw thrown;
    const says = `The tables ${elections} and ${fences} do not exist`;
    if (settings.createTable) {
      return [note(`${says} yet. The first candidate that starts creates them, if its user may.`)];
    }
    const remedy = "Create them: docs/stores/mysql.md has the statements.";
    return [error(`${says}, and createTable is false.`, remedy)];
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function writesIn(variable: Variable): Verdict[] {
  const isReadOnly = ["read_only", "super_read_only", "innodb_read_only"].filter((name) =>
    /^(ON|1)$/i.test(variable(name)),
  );
  if (isReadOnly.length > 0) {
    const says = `The server is read-only (${isReadOnly.join(", ")}), as a replica is: it grants no lease.`;
    return [error(says, "Give the address of the primary.")];
  }
  const notes: Verdict[] = [];
  if (variable("innodb_flush_log_at_trx_commit") !== "1") {
    const says =
      "innodb_flush_log_at_trx_commit is not 1: after a crash of the machine, leases of the last second are forgotten, and no process is newly elected for one ttl.";
    notes.push(note(says, "If that matters, set it to 1."));
  }
  if (variable("wsrep_on") === "ON") {
    const says = "The server is part of a Galera cluster, in which every node accepts writes.";
    notes.push(note(says, "Let all processes connect to one and the same node."));
  }
  return notes.length > 0 ? notes : [ok("The server accepts writes, and keeps them.")];
}
