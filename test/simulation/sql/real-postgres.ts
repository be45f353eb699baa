import pg from "pg";
import type { ElectionRow, Memory } from "../../../simulation/sql/memory.ts";
import type { Notice, Table } from "../../../simulation/sql/transaction.ts";
import { type Statements, statementsOf } from "../../../src/stores/postgres/postgres-statements.ts";
import { definitions, tablesOf } from "../../../src/stores/postgres/postgres-tables.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import type { Case, Result } from "./cases.ts";

const tables = tablesOf({ schema: undefined, table: "incumbent_elections" });
const places = { elections: tables.elections, fences: tables.fences };

/** The statements of the store on a real server, whose clock and identity are those of the case. */
export class RealPostgres {
  readonly #server: PostgresServer;
  readonly #client: pg.Client;
  readonly #stranger: pg.Client;
  readonly #notices: Notice[] = [];

  static async start(): Promise<RealPostgres> {
    const server = await startPostgres();
    const [client, stranger] = [server, server].map(
      ({ url }) => new pg.Client({ connectionString: url }),
    );
    if (client === undefined || stranger === undefined) throw new Error("no clients");
    await Promise.all([client.connect(), stranger.connect()]);
    await client.query(definitions(tables).join(";\n"));
    await client.query(`LISTEN "${tables.channel}"`);
    return new RealPostgres(server, client, stranger);
  }

  private constructor(server: PostgresServer, client: pg.Client, stranger: pg.Client) {
    this.#server = server;
    this.#client = client;
    this.#stranger = stranger;
    client.on("notification", ({ payload = "" }) => {
      const [hint, key] = payload.split(" ");
      if (hint === "released" || hint === "changed") this.#notices.push({ hint, key: key ?? "" });
    });
  }

  async stop(): Promise<void> {
    await Promise.all([this.#client.end(), this.#stranger.end()]);
    await this.#server.stop();
  }

  /** `rewrite` breaks the statement. */
  async play(each: Case, rewrite: (text: string) => string): Promise<Result> {
    await this.#fill(each.memory);
    await this.#stranger.query("BEGIN");
    try {
      for (const [table, key] of each.locked) await this.#lock(table, key);
      await this.#client.query(
        "SELECT set_config('incumbent.now', $1, false), set_config('incumbent.later', $2, false), set_config('incumbent.run', $3, false)",
        [String(each.now), String(each.later), each.run],
      );
      this.#notices.length = 0;
      const text = rewrite(textOf(each.name));
      const { rows } = await this.#client.query(text, [...each.values]);
      return {
        replies: JSON.parse(rows[0].reply),
        memory: await this.#memory(),
        notices: [...this.#notices],
      };
    } finally {
      await this.#stranger.query("ROLLBACK");
    }
  }

  async #fill({ elections, fences, stamp }: Memory): Promise<void> {
    const rows = [...elections].map(([key, row]) => ({ key, ...row }));
    await this.#client.query(`DELETE FROM ${tables.elections}; DELETE FROM ${tables.fences};
      DELETE FROM ${tables.server}`);
    await this.#client.query(
      `INSERT INTO ${tables.elections} SELECT * FROM json_populate_recordset(NULL::${tables.elections}, $1)`,
      [JSON.stringify(rows)],
    );
    await this.#client.query(
      `INSERT INTO ${tables.fences} SELECT * FROM json_populate_recordset(NULL::${tables.fences}, $1)`,
      [JSON.stringify([...fences].map(([key, token]) => ({ key, token })))],
    );
    if (stamp === undefined) return;
    await this.#client.query(`INSERT INTO ${tables.server} VALUES (1, $1, $2)`, [
      ...[stamp.run, stamp.since],
    ]);
  }

  async #lock(table: Table, key: string): Promise<void> {
    await this.#stranger.query(`SELECT FROM ${places[table]} WHERE key = $1 FOR UPDATE`, [key]);
  }

  async #memory(): Promise<Memory> {
    const { rows } = await this.#client.query(`SELECT
      (SELECT coalesce(json_agg(e ORDER BY key), '[]') FROM ${tables.elections} e) AS elections,
      (SELECT coalesce(json_agg(f ORDER BY key), '[]') FROM ${tables.fences} f) AS fences,
      (SELECT json_agg(s) FROM ${tables.server} s) AS stamp`);
    const [{ elections, fences, stamp }] = rows;
    return {
      elections: new Map(
        elections.map(({ key, ...row }: ElectionRow & { key: string }) => [key, row]),
      ),
      fences: new Map(fences.map(({ key, token }: { key: string; token: number }) => [key, token])),
      stamp: stamp === null ? undefined : { run: stamp[0].run, since: stamp[0].since },
    };
  }
}

const texts = statementsOf(tables, true);

/** The statement, with the clock and the identity of the case in the place of those of the server. */
function textOf(name: Exclude<keyof Statements, "keys" | "watched">): string {
  const micros = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
  const text = texts[name];
  // What follows "me AS MATERIALIZED (SELECT" and says who the server is.
  const [begin, end] = ["(SELECT system_identifier", " AS run, set_config("];
  const from = text.indexOf(begin);
  const identity = from < 0 ? begin : text.slice(from, text.indexOf(end, from));
  return text
    .replace(identity, "current_setting('incumbent.run')")
    .replaceAll(
      `SELECT l.*, ${micros} AS now`,
      "SELECT l.*, current_setting('incumbent.later')::bigint AS now",
    )
    .replaceAll(micros, "current_setting('incumbent.now')::bigint");
}
