import type { PgClient, PgPool } from "../../../src/stores/postgres/postgres-client.ts";
import { statementsOf } from "../../../src/stores/postgres/postgres-statements.ts";
import { tablesOf } from "../../../src/stores/postgres/postgres-tables.ts";
import { SimulatedConnection, type Wiring } from "../../simulated-connection.ts";
import type { Answer, Passage } from "../../simulated-host.ts";
import type { Listening, SimulatedDatabase } from "../simulated-database.ts";
import type { Notice } from "../transaction.ts";
import { asExecuted } from "./as-executed.ts";
import type { Asked } from "./asked.ts";
import { decide, type Name } from "./decide.ts";

/** The statements by their text: what is sent has to be one of these. */
const names = new Map<string, Name>();
const { acquire, renew, release, read, adopt } = statementsOf(
  tablesOf({ schema: undefined, table: "incumbent_elections" }),
  true,
);
for (const [name, text] of Object.entries({ acquire, renew, release, read, adopt })) {
  names.set(text, name as Name); // As listed.
}

/** The process of the server. There is no pooler in between. */
const PID = 1;

interface Query {
  readonly text: string;
  readonly values?: readonly string[];
}

/** Behaves like a connection of `pg` as the store uses it, over the simulated network. */
class SimulatedPgClient
  extends SimulatedConnection<SimulatedDatabase>
  implements PgClient, Listening
{
  readonly processID = PID;
  readonly connection = { stream: { destroy: () => this.disconnect() } };

  override on(event: string, listener: (...values: never[]) => void): void {
    super.on(event === "end" ? "close" : event, listener);
  }

  query({ text, values = [] }: Query): Promise<{ readonly rows: readonly object[] }> {
    const { server } = this.wiring;
    const { moves } = server;
    const name = names.get(text);
    const answer =
      name === undefined
        ? this.insist((reply) => {
            const serve = () => reply((resolve) => resolve({ rows: this.#serve(text) }));
            server.receive(serve, moves);
          })
        : this.request((reply, passage) => {
            server.receive(() => this.#carryOut(name, values, reply, passage), moves);
          });
    // It is made here and in `#carryOut`.
    return answer as Promise<{ readonly rows: readonly object[] }>;
  }

  notify({ hint, key }: Notice): void {
    this.deliver("notification", { payload: `${hint} ${key}` });
  }

  async end(): Promise<void> {
    this.disconnect();
  }

  #carryOut(name: Name, values: readonly string[], answer: Answer, passage: Passage): void {
    const { server } = this.wiring;
    if (!server.hasTables) {
      const missing = new Error('relation "incumbent_elections" does not exist');
      answer((_, reject) => reject(Object.assign(missing, { code: "42P01" })));
      return;
    }
    server.carryOut(decide(name, values), {
      committed: ({ answer: replies }, ago) => {
        const asked: readonly Asked[] = JSON.parse(values[0] ?? "[]");
        server.calls += 1;
        if (asked.length > 1) server.sharedCalls += 1;
        for (const [at, reply] of replies.entries()) {
          const request = asked[at];
          if (request === undefined) throw new Error("a reply without a request");
          server.executed({ ...passage, ago, ...asExecuted(name, request, reply) });
        }
        const heard =
          name === "acquire" || name === "renew" ? server.hearing(passage.from) : () => {};
        answer((resolve) => {
          heard();
          resolve({ rows: [{ reply: JSON.stringify(replies) }] });
        });
      },
      gaveUp: () => {},
    });
  }

  /** What is not about an election. */
  #serve(text: string): readonly object[] {
    const { server } = this.wiring;
    if (text.startsWith("SELECT json_build_object('pid'")) {
      return [{ is: JSON.stringify({ pid: PID, isStandby: false, isReadOnly: false }) }];
    }
    if (text.startsWith("LISTEN ")) server.listen(this);
    else if (text.includes("CREATE TABLE")) server.createTables();
    else if (!text.startsWith("SET ")) throw new Error(`not simulated: ${text}`);
    return [];
  }
}

/** A pool of which the store makes copies. */
export function simulatedPool(wiring: Wiring<SimulatedDatabase>): PgPool {
  class Client extends SimulatedPgClient {
    constructor() {
      super(wiring);
    }
  }
  const connect = () => Promise.reject(new Error("only its copies connect"));
  return { options: {}, totalCount: 0, connect, ...{ Client } };
}
