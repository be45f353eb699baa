import { createConnection } from "mysql2/promise";
import { expect, test } from "vitest";
import { Random } from "../../../simulation/random.ts";
import { type ElectionRow, emptyMemory, type Memory } from "../../../simulation/sql/memory.ts";
import type { Command } from "../../../simulation/sql/mysql/commands.ts";
import { decide } from "../../../simulation/sql/mysql/decide.ts";
import { Transactions } from "../../../simulation/sql/transactions.ts";
import { Statements } from "../../../src/stores/mysql/mysql-statements.ts";
import { definitions, tablesOf } from "../../../src/stores/mysql/mysql-tables.ts";
import type { SqlWish } from "../../../src/stores/sql/sql-questions.ts";
import { isMariadb, startMysql } from "../../support/mysql-installed.ts";

const NOW = 1000;
const SESSION = { session: "here", made: "InnoDB1,InnoDB1" };
const RUN = `${SESSION.session}/${SESSION.made}`;
const tables = tablesOf({ schema: undefined, table: "incumbent_elections" });
const statements = new Statements(tables, true);
const kinds = [
  "acquire",
  "prolong",
  "prolongAll",
  "restore",
  "release",
  "introduce",
  "fence",
  "mend",
] as const;

/** The text of a statement, with the clock of the case in the place of the server's. */
function textOf(command: Command): string {
  return sqlOf(command).replaceAll(
    "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)",
    String(NOW),
  );
}

function sqlOf(command: Command): string {
  switch (command.does) {
    case "acquire":
      return statements.acquire(command.wish, command.seen, command.token, command.server);
    case "restore":
    case "introduce":
    case "mend":
      return statements[command.does](command.wish, command.since, command.server);
    case "prolong":
      return statements.prolong(command.wish, command.server);
    case "prolongAll":
      return statements.prolongAll(command.wishes, command.server);
    case "release":
    case "fence":
      return statements[command.does](command.wish);
    default:
      throw new Error(`not compared: ${command.does}`);
  }
}

function moment(random: Random): number {
  return NOW + random.pick([0, 1, -1, random.whole(-30, 30)]);
}

function drawRow(random: Random): ElectionRow {
  return {
    nonce: random.pick(["", "one", "one", "two"]),
    node_id: random.pick(["node", "other"]),
    metadata: random.pick(["", "says"]),
    token: random.whole(0, 4),
    since: random.whole(0, NOW),
    ttl: random.whole(1, 20),
    ends_at: random.pick([0, moment(random)]),
    run: random.pick([RUN, RUN, RUN, "there"]),
    waits_until: random.pick([0, 0, moment(random)]),
    floor: random.pick([0, moment(random)]),
  };
}

/** `others` are wishes of other elections. */
function drawCommand(
  random: Random,
  key: string,
  { row, fence, others }: { row: ElectionRow; fence: number; others: readonly SqlWish[] },
): Command & { readonly wish: SqlWish } {
  const wish: SqlWish = {
    ...{ key, nonce: random.pick(["one", "one", "two"]), node_id: random.pick(["node", "other"]) },
    ...{ metadata: random.pick(["", "says"]), ttl: random.whole(1, 20) },
    token: random.whole(0, 6),
    last: random.pick([NOW + 100, NOW + 100, moment(random)]),
    quarantine: random.whole(1, 20),
  };
  const session = random.pick(["here", "here", "here", "here", "there"]);
  const server = { session, run: RUN };
  const since = moment(random);
  const does = random.pick(kinds);
  const seen = random.chance(0.8)
    ? { nonce: row.nonce, token: row.token, fence, now: since }
    : { nonce: "one", token: random.whole(0, 4), fence: random.whole(0, 4), now: since };
  const wishes = [...others, wish];
  // Each has what it needs.
  return { does, wish, wishes, server, since, seen, token: NOW + 1 } as Command & { wish: SqlWish };
}

function twin(memory: Memory, command: Command) {
  const transactions = new Transactions(memory, {
    ...{ run: RUN, now: () => NOW, time: () => 0, stall: () => 0, later: (_, go) => go() },
  });
  let reply = { affected: -1, insertId: 0 };
  transactions.carryOut((transaction) => decide(transaction, command, SESSION), {
    committed: ({ answer }) => {
      reply = answer;
    },
    gaveUp: () => {},
  });
  return { memory: transactions.memory, reply };
}

/** So many random statements are carried out alike by the simulated MySQL and by the real server. */
export function sameChanges(rounds: number): void {
  const count = (rounds * 100).toLocaleString("en");

  test(`the simulated MySQL does what a real ${isMariadb ? "MariaDB" : "MySQL"} does, for ${count} random statements`, async () => {
    const server = await startMysql();
    const { url } = server;
    const client = await createConnection({ uri: url, flags: ["FOUND_ROWS"] });
    const changes = new Map<string, number>();
    try {
      for (const definition of definitions(tables)) await client.query(definition);
      await client.query("SET sql_mode = 'STRICT_ALL_TABLES'");
      await client.query(`SET @incumbent_server = '${SESSION.session}'`);
      for (let seed = 0; seed < rounds; seed += 1) {
        const random = new Random(seed);
        let memory = emptyMemory;
        const commands: (Command & { readonly wish: SqlWish })[] = [];
        for (let at = 0; at < 100; at += 1) {
          const key = `key-${String(at).padStart(3, "0")}`;
          const [row, fence] = [drawRow(random), random.whole(0, 4)];
          const elections = new Map(memory.elections);
          const fences = new Map(memory.fences);
          if (random.chance(0.95)) elections.set(key, row);
          if (random.chance(0.95)) fences.set(key, fence);
          memory = { ...memory, elections, fences };
          const others = commands.slice(-random.whole(1, 3)).map(({ wish }) => wish);
          commands.push(drawCommand(random, key, { row, fence, others }));
        }
        await fill(client, memory);
        for (const command of commands) {
          const expected = twin(memory, command);
          memory = expected.memory;
          const [found] = await client.query(textOf(command));
          // What is not a query is answered with these.
          const { affectedRows, insertId } = found as { affectedRows: number; insertId: number };
          const isDone = affectedRows > 0;
          expect(isDone, show(seed, command)).toBe(expected.reply.affected > 0);
          if (command.does === "prolong") expect(insertId).toBe(expected.reply.insertId);
          if (command.does === "prolongAll") {
            expect({ affectedRows, insertId }, show(seed, command)).toEqual({
              affectedRows: expected.reply.affected,
              insertId: expected.reply.insertId,
            });
          }
          if (isDone) changes.set(command.does, (changes.get(command.does) ?? 0) + 1);
        }
        expect(await kept(client), `seed ${seed}`).toEqual({
          elections: new Map([...memory.elections].sort()),
          fences: new Map([...memory.fences].sort()),
        });
      }
      for (const kind of kinds) expect(changes.get(kind) ?? 0, kind).toBeGreaterThan(rounds / 10);
    } finally {
      await client.end();
      await server.stop();
    }
  }, 480_000);
}

type Client = Awaited<ReturnType<typeof createConnection>>;

async function fill(client: Client, { elections, fences }: Memory): Promise<void> {
  await client.query(`DELETE FROM ${tables.elections}`);
  await client.query(`DELETE FROM ${tables.fences}`);
  const columns = Object.keys(drawRow(new Random(0)));
  const rows = [...elections].map(([key, row]) => [key, ...Object.values(row)]);
  await client.query(`INSERT INTO ${tables.elections} (\`key\`, ${columns.join(", ")}) VALUES ?`, [
    rows,
  ]);
  await client.query(`INSERT INTO ${tables.fences} VALUES ?`, [[...fences]]);
}

async function kept(client: Client): Promise<Pick<Memory, "elections" | "fences">> {
  const [elections] = await client.query(`SELECT * FROM ${tables.elections} ORDER BY \`key\``);
  const [fences] = await client.query(`SELECT * FROM ${tables.fences} ORDER BY \`key\``);
  const rows = elections as (ElectionRow & { key: string })[]; // As selected.
  const tokens = fences as { key: string; token: number }[]; // As selected.
  return {
    elections: new Map(rows.map(({ key, ...row }) => [key, row])),
    fences: new Map(tokens.map(({ key, token }) => [key, token])),
  };
}

function show(seed: number, command: Command): string {
  return `seed ${seed}: ${JSON.stringify(command)}`;
}
