import { StoreError } from "../../errors.ts";
import type { Driver, OpenDriver } from "../connections/driver.ts";
import { asReply, type MysqlReply } from "./mysql-driver.ts";

/**
 * How every session of ours is set. The clock is in UTC, since a time zone repeats an hour each autumn. A text that
 * does not fit is an error. A statement waits for a lock as short as can be: MySQL takes no less than 1 s.
 */
const SETTINGS = [
  "SET SESSION autocommit = 1, time_zone = '+00:00', innodb_lock_wait_timeout = 1, sql_mode = 'STRICT_ALL_TABLES'",
  "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
] as const;

/** What decides whether a server can keep leases. Those that a server does not have are left out of its answer. */
const VARIABLES =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'server_uid', 'wsrep_on', 'wsrep_provider', " +
  "'group_replication_single_primary_mode', 'group_replication_group_name', 'log_bin', 'binlog_format')";

/** A clock that stands still during a statement would let it be carried out after its not-after. */
const CLOCK = "SELECT SYSDATE(6) AS before_it, SLEEP(0.002) AS slept, SYSDATE(6) AS after_it";

/** What a session needs to know of the store's options. */
export interface SessionSettings {
  readonly allowMultiPrimary: boolean;
}

/**
 * Connections that are set up and checked before they carry anything. They reject with
 * `INCUMBENT_STORE_MISCONFIGURED` if the server cannot keep leases.
 */
export function sessionsOf(
  open: OpenDriver<string>,
  settings: SessionSettings,
): OpenDriver<string> {
  return (events) => {
    const driver = open(events);
    return { ...driver, connect: () => setUp(driver, settings) };
  };
}

async function setUp(driver: Driver<string>, settings: SessionSettings): Promise<void> {
  await driver.connect();
  for (const setting of SETTINGS) await driver.send(setting);
  const variables = new Map(
    (await rowsOf(driver, VARIABLES)).map((row) => [row["Variable_name"], row["Value"] ?? ""]),
  );
  checkVariables((name) => variables.get(name) ?? "", settings);
  const [clock] = await rowsOf(driver, CLOCK);
  if (clock?.["before_it"] === clock?.["after_it"]) {
    throw unfit(
      "its SYSDATE() stands still during a statement",
      "start it without --sysdate-is-now",
    );
  }
  await driver.send(introduction(variables));
}

/**
 * Keeps in the session who the server is. It is computed there: a proxy that moves the session to another server
 * either loses it or computes it anew.
 *
 * In one statement, the time and the uptime are as of one moment, so the second of the start is always the same.
 */
function introduction(variables: ReadonlyMap<string | null | undefined, string>): string {
  const isMariadb = /mariadb/i.test(variables.get("version") ?? "");
  const name = isMariadb
    ? `CONCAT(@@hostname, ':', @@port, ':', @@server_id${variables.has("server_uid") ? ", ':', @@server_uid" : ""})`
    : "@@server_uuid";
  const schema = isMariadb ? "information_schema" : "performance_schema";
  return (
    `SET @incumbent_server = (SELECT CONCAT(${name}, '/', UNIX_TIMESTAMP() - VARIABLE_VALUE) ` +
    `FROM ${schema}.global_status WHERE VARIABLE_NAME = 'Uptime')`
  );
}

function checkVariables(variable: (name: string) => string, settings: SessionSettings): void {
  const isGalera = variable("wsrep_on") === "ON" && !/^(none)?$/.test(variable("wsrep_provider"));
  const isGroup =
    variable("group_replication_single_primary_mode") === "OFF" &&
    variable("group_replication_group_name") !== "";
  if ((isGalera || isGroup) && !settings.allowMultiPrimary) {
    const what = isGalera ? "part of a Galera cluster" : "in a group with several primaries";
    const remedy =
      "let all processes connect to one and the same node, and say so with allowMultiPrimary: true";
    throw unfit(`it is ${what}, in which every node accepts writes`, remedy);
  }
  if (variable("log_bin") === "ON" && variable("binlog_format") === "STATEMENT") {
    const why = "its binlog_format is STATEMENT, so its replicas would read their own clocks";
    throw unfit(why, "set binlog_format to ROW or MIXED");
  }
}

function unfit(why: string, remedy: string): StoreError {
  const detail = `${why}; ${remedy}`;
  const message = `This MySQL server cannot keep leases: ${detail}.`;
  return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied: "no", detail });
}

async function rowsOf(driver: Driver<string>, sql: string): Promise<MysqlReply["rows"]> {
  return asReply(await driver.send(sql)).rows;
}
