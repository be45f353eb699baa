import { RequestQueue } from "../../../src/stores/connections/request-queue.ts";
import type { LeaseStore } from "../../../src/stores/lease-store.ts";
import { MysqlConnection } from "../../../src/stores/mysql/mysql-connection.ts";
import { MysqlDialect } from "../../../src/stores/mysql/mysql-dialect.ts";
import { asReply } from "../../../src/stores/mysql/mysql-driver.ts";
import { mysqlKind } from "../../../src/stores/mysql/mysql-errors.ts";
import { textOfHex } from "../../../src/stores/mysql/mysql-literals.ts";
import { SqlCalls } from "../../../src/stores/sql/sql-calls.ts";
import { sqlSettings } from "../../../src/stores/sql/sql-options.ts";
import { SqlPolls } from "../../../src/stores/sql/sql-polls.ts";
import { sqlQuestions } from "../../../src/stores/sql/sql-questions.ts";
import type { Wiring } from "../../simulated-connection.ts";
import type { SimulatedDatabase } from "../simulated-database.ts";
import { CommandStatements } from "./commands.ts";
import { simulatedDriver } from "./mysql-client.ts";

/** A store as `MysqlStore` is made, of the same parts: its own makes connections by a library. */
export function connectToMysql(wiring: Wiring<SimulatedDatabase>): LeaseStore {
  const { process } = wiring;
  const clock = { now: () => process.clocks.monotonicAt(process.time) };
  const settings = sqlSettings({});
  // The tables in memory have no columns that could be wrong.
  const columns = { check: () => Promise.resolve() };
  const dialect = new MysqlDialect(settings, new CommandStatements(), columns);
  const connection = new MysqlConnection((events) => simulatedDriver(wiring, events), {
    allowMultiPrimary: false,
  });
  const calls = new SqlCalls(mysqlKind, dialect, settings);
  const queue = new RequestQueue(mysqlKind, connection, calls, process.after);
  const polls = new SqlPolls(async (keys, signal) => {
    const wait = { clock, signal };
    connection.seek(wait);
    const { rows } = asReply(await connection.send(dialect.watch(keys), wait));
    return new Map(
      rows.map(({ hex, is_free, token, digest }) => [
        textOfHex(hex),
        { isFree: is_free === "1", state: `${token} ${digest}` },
      ]),
    );
  }, process.after);
  return {
    traits: { name: "mysql", exclusion: "strict", tokens: "clock", clock: "server" },
    acquire: (request) => {
      polls.resume(request.ttl);
      return queue.ask(sqlQuestions.acquire(request));
    },
    renew: (request) => {
      polls.resume(request.ttl);
      return queue.ask(sqlQuestions.renew(request));
    },
    release: (request) => queue.ask(sqlQuestions.release(request)),
    read: (request) => queue.ask(sqlQuestions.read(request)),
    watch: (key, onHint) => polls.add(key, onHint),
    close: () => {
      polls.close();
      return queue.close();
    },
  };
}
