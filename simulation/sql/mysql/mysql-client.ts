import type { ConnectionEvents, Driver } from "../../../src/stores/connections/driver.ts";
import type { MysqlReply } from "../../../src/stores/mysql/mysql-driver.ts";
import { SimulatedConnection, type Wiring } from "../../simulated-connection.ts";
import type { Answer, Passage } from "../../simulated-host.ts";
import type { Listening, SimulatedDatabase } from "../simulated-database.ts";
import type { Command } from "./commands.ts";
import { decide } from "./decide.ts";
import type { Session } from "./look.ts";
import { reportsOf } from "./reports.ts";

/** A connection as `mysql2` and `mariadb` make it for the store, over the simulated network. */
export function simulatedDriver(
  wiring: Wiring<SimulatedDatabase>,
  events: ConnectionEvents,
): Driver<string> {
  const client = new SimulatedMysqlClient(wiring, events);
  return {
    connect: () => client.connect(),
    send: (sql) => client.send(sql),
    end: () => client.disconnect(),
  };
}

class SimulatedMysqlClient extends SimulatedConnection<SimulatedDatabase> implements Listening {
  /** Who the server was when the session noted it. */
  #session = "";

  constructor(wiring: Wiring<SimulatedDatabase>, { lost }: ConnectionEvents) {
    super(wiring);
    this.on("close", lost);
    this.on("error", () => {});
  }

  send(sql: string): Promise<unknown> {
    const { server } = this.wiring;
    const { moves } = server;
    if (!sql.startsWith("{")) {
      return this.insist((answer) => {
        server.receive(() => answer((resolve) => resolve(this.#serve(sql))), moves);
      });
    }
    return this.request((answer, passage) => {
      server.receive(() => this.#carryOut(JSON.parse(sql), answer, passage), moves);
    });
  }

  /** MySQL has no notifications. */
  notify(): void {}

  #carryOut(command: Command, answer: Answer, passage: Passage): void {
    const { server } = this.wiring;
    if (!server.hasTables) {
      answer((_, reject) => reject(numbered(1146, "Table 'incumbent_elections' doesn't exist")));
      return;
    }
    const session: Session = { session: this.#session, made: server.made };
    server.carryOut((transaction) => decide(transaction, command, session), {
      committed: ({ answer: reply }, ago) => {
        server.calls += 1;
        const shares = "keys" in command ? command.keys : "wishes" in command ? command.wishes : [];
        if (shares.length > 1) server.sharedCalls += 1;
        for (const report of reportsOf(command, reply)) {
          server.executed({ ...passage, ago, ...report });
        }
        const heard = command.does === "look" ? server.hearing(passage.from) : () => {};
        answer((resolve) => {
          heard();
          resolve(reply);
        });
      },
      gaveUp: () => answer((_, reject) => reject(numbered(1205, "Lock wait timeout exceeded"))),
    });
  }

  /** What is not about an election. */
  #serve(sql: string): MysqlReply {
    const { server } = this.wiring;
    const nothing = { rows: [], affected: 0, insertId: 0 };
    if (sql.startsWith("SHOW GLOBAL VARIABLES")) return nothing;
    if (sql.startsWith("SELECT SYSDATE(6)")) {
      return { ...nothing, rows: [{ before_it: "1", after_it: "2" }] };
    }
    if (sql.startsWith("SET @incumbent_server")) this.#session = server.session;
    else if (sql.startsWith("CREATE TABLE")) server.createTables();
    else if (!sql.startsWith("SET SESSION")) throw new Error(`not simulated: ${sql}`);
    return nothing;
  }
}

function numbered(errno: number, message: string): Error {
  return Object.assign(new Error(message), { errno });
}
