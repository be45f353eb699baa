import { foreignTable } from "../sql/foreign-table.ts";
import type { KnownServer } from "../sql/known-server.ts";
import type { Dialect, Send } from "../sql/sql-calls.ts";
import type { SqlSettings } from "../sql/sql-options.ts";
import { type SqlWish, wishOf } from "../sql/sql-questions.ts";
import type { SqlReply, SqlRequest } from "../sql/sql-request.ts";
import { type Ask, asking, carriedOut, unapplied, unlessLocked } from "./mysql-asking.ts";
import { Columns } from "./mysql-columns.ts";
import { isForbidden, isForeign, isLocked, isMissingTable } from "./mysql-errors.ts";
import {
  type Election,
  holderOf,
  isSuperseded,
  obstacle,
  refusalOf,
  type Sights,
  sightsOf,
} from "./mysql-sight.ts";
import { type Server, Statements } from "./mysql-statements.ts";
import { definitions, missingTables, type Tables, tablesOf } from "./mysql-tables.ts";

/** How many elections one look shows at most, and one statement renews. */
const MOST_REQUESTS = 100;

/** How MySQL and MariaDB are asked: a look decides, and a statement that looks again carries it out. */
export class MysqlDialect implements Dialect<string> {
  readonly #settings: SqlSettings;
  readonly #tables: Tables;
  readonly #statements: Statements;
  readonly #columns: Pick<Columns, "check">;
  /** Elections that another transaction had locked when they were last renewed. They would hold up all others. */
  readonly #locked = new Set<string>();

  /** `statements` and `columns` are for tests of this package. */
  constructor(
    settings: SqlSettings,
    statements?: Statements,
    columns: Pick<Columns, "check"> = new Columns(settings),
  ) {
    this.#settings = settings;
    this.#tables = tablesOf(settings);
    this.#columns = columns;
    this.#statements = statements ?? new Statements(this.#tables, settings.restartGuard);
  }

  get keys(): string {
    return this.#statements.keys;
  }

  /** What those want to know who watch these elections. */
  watch(keys: readonly string[]): string {
    return this.#statements.watch(keys);
  }

  roomFor({ name, request }: SqlRequest): number {
    const isAlone = name === "release" || (name === "renew" && this.#locked.has(request.key));
    return isAlone ? 1 : MOST_REQUESTS;
  }

  async ask(
    send: Send<string>,
    requests: readonly SqlRequest[],
    server: KnownServer,
  ): Promise<readonly SqlReply[]> {
    const ask = asking(send);
    const [first] = requests;
    if (first === undefined) return [];
    try {
      switch (first.name) {
        case "acquire":
          return await this.#acquire(ask, requests, server);
        case "renew":
          return await this.#renew(ask, requests, server);
        case "release":
          return [await this.#release(ask, first, server)];
        default:
          return await this.#read(ask, requests);
      }
    } catch (error) {
      // There is nothing to read or to release, and to look creates nothing.
      const isForLease = first.name === "acquire" || first.name === "renew";
      if (isForLease || !isMissingTable(error)) throw error;
      return requests.map(() => ({ status: "none" }));
    }
  }

  async adopt(
    send: Send<string>,
    requests: readonly SqlRequest[],
    server: KnownServer,
  ): Promise<void> {
    const ask = asking(send);
    const known = serverOf(server);
    await ask(this.#statements.stamp(known));
    const [stamp] = (await ask(this.#statements.stamped(known))).rows;
    // It is another server by now, which is noticed when the requests are sent again.
    if (stamp === undefined) return;
    // After the clock was set back, it has been known since now at most.
    const since = Math.min(Number(stamp["since"]), Number(stamp["now"]));
    for (const request of requests) {
      const wish = this.#wish(request, server);
      await ask(this.#statements.introduce(wish, since, known));
      await ask(this.#statements.fence(wish));
      await ask(this.#statements.mend(wish, since, known));
    }
  }

  async isPassing(send: Send<string>, error: unknown): Promise<boolean> {
    const { elections, fences } = this.#tables;
    if (isForeign(error)) throw foreignTable("MySQL", [elections, fences], error);
    if (!isMissingTable(error)) return isLocked(error);
    await this.#create(asking(send), error);
    return true;
  }

  async #look(ask: Ask, requests: readonly SqlRequest[]): Promise<Sights> {
    try {
      const { rows } = await ask(this.#statements.look(requests.map(({ request }) => request.key)));
      return sightsOf(rows);
    } catch (error) {
      throw unapplied(error);
    }
  }

  async #acquire(
    ask: Ask,
    requests: readonly SqlRequest[],
    server: KnownServer,
  ): Promise<readonly SqlReply[]> {
    const sights = await this.#look(ask, requests);
    await this.#columns.check(ask, sights.server.run);
    const replies: SqlReply[] = [];
    for (const request of requests) {
      const wish = this.#wish(request, server);
      const election = sights.elections.get(wish.key);
      const status = this.#obstacle(sights, election, wish, server);
      const reply = election === undefined ? undefined : refusalOf(sights, election, wish);
      if (status !== undefined || election === undefined) {
        const holder = holderOf(election, sights.now) ?? null;
        replies.push(noted(sights, { status: status ?? "unknown", holder }));
      } else {
        replies.push(
          noted(sights, reply ?? (await this.#elect(ask, request, sights, election, wish))),
        );
      }
    }
    return replies;
  }

  async #elect(
    ask: Ask,
    request: SqlRequest,
    sights: Sights,
    election: Election,
    wish: SqlWish,
  ): Promise<Decided> {
    // Its lease was lost while another transaction had locked the row.
    this.#locked.delete(wish.key);
    const { now, server } = sights;
    const fence = election.fence ?? 0;
    // The clock carries tokens over the loss of the data, and the others over a clock that was set back.
    const known = Math.max(election.token, fence, election.floor, wish.token);
    const token = Math.max(known + 1, now);
    const seen = { nonce: election.nonce, token: election.token, fence, now };
    const statement = this.#statements.acquire(wish, seen, token, server);
    try {
      const isElected = await carriedOut(ask, statement);
      return isElected ? { status: "granted", token, since: now } : { status: "raced" };
    } catch (error) {
      // It is about this one alone: another of the same call may have been elected.
      request.reject(error);
      return { status: "none" };
    }
  }

  /**
   * All in one statement. If it has not prolonged them all, each is asked for alone: one that it has prolonged is so
   * once more.
   */
  async #renew(
    ask: Ask,
    requests: readonly SqlRequest[],
    server: KnownServer,
  ): Promise<readonly SqlReply[]> {
    const { run } = server;
    if (requests.length > 1 && run !== "") {
      const wishes = requests.map((request) => this.#wish(request, server)).sort(byKey);
      const statement = this.#statements.prolongAll(wishes, serverOf(server));
      const prolonged = await unlessLocked(ask, statement);
      if (prolonged?.affected === requests.length) {
        return requests.map(() => ({ status: "renewed", run, now: prolonged.insertId }));
      }
    }
    const replies: SqlReply[] = [];
    for (const request of requests) {
      try {
        // Its lease may have been released while the others were asked for.
        const isWanted = request.isAwaited;
        replies.push(isWanted ? await this.#renewAlone(ask, request, server) : { status: "raced" });
      } catch (error) {
        if (requests.length === 1) throw error;
        // It is about this one: another of the same call may have been renewed.
        request.reject(error);
        replies.push({ status: "none" });
      }
    }
    return replies;
  }

  async #renewAlone(ask: Ask, request: SqlRequest, server: KnownServer): Promise<SqlReply> {
    const wish = this.#wish(request, server);
    if (server.run !== "") {
      const prolonged = await unlessLocked(ask, this.#statements.prolong(wish, serverOf(server)));
      if (prolonged === undefined) {
        this.#locked.add(request.request.key);
        return { status: "raced" };
      }
      this.#locked.delete(request.request.key);
      const { affected, insertId } = prolonged;
      if (affected > 0) return { status: "renewed", run: server.run, now: insertId };
    }
    const sights = await this.#look(ask, [request]);
    await this.#columns.check(ask, sights.server.run);
    const election = sights.elections.get(wish.key);
    const status = this.#obstacle(sights, election, wish, server);
    if (status !== undefined || election === undefined) {
      return noted(sights, { status: status ?? "unknown" });
    }
    if (isSuperseded(sights, election, wish)) return noted(sights, { status: "superseded" });
    // Its lease may have been released while it looked. If the server has lost that, it would be restored.
    if (!request.isAwaited) return noted(sights, { status: "raced" });
    // A token is the moment at which its term began, unless an earlier one was larger.
    const since = election.nonce === wish.nonce ? election.since : wish.token;
    const statement = this.#statements.restore(wish, since, sights.server);
    const isRestored = await carriedOut(ask, statement);
    return noted(sights, { status: isRestored ? "renewed" : "raced" });
  }

  async #release(ask: Ask, request: SqlRequest, server: KnownServer): Promise<SqlReply> {
    this.#locked.delete(request.request.key);
    const statement = this.#statements.release(this.#wish(request, server));
    const released = await unlessLocked(ask, statement);
    if (released === undefined) return { status: "raced" };
    return { status: released.affected > 0 ? "released" : "none" };
  }

  async #read(ask: Ask, requests: readonly SqlRequest[]): Promise<readonly SqlReply[]> {
    const { now, elections } = await this.#look(ask, requests);
    return requests.map(({ request: { key } }) => {
      return { status: "leader", holder: holderOf(elections.get(key), now) ?? null };
    });
  }

  #obstacle(
    sights: Sights,
    election: Election | undefined,
    wish: SqlWish,
    { run }: KnownServer,
  ): SqlReply["status"] | undefined {
    return obstacle(sights, election, wish, { run, isGuarded: this.#settings.restartGuard });
  }

  /** With the key as it is: MySQL gives every one of them back. */
  #wish(request: SqlRequest, server: KnownServer): SqlWish {
    return { ...wishOf(request, server, this.#settings), key: request.request.key };
  }

  async #create(ask: Ask, cause: unknown): Promise<void> {
    if (!this.#settings.createTable) throw missingTables(this.#tables, "are missing", cause);
    try {
      for (const definition of definitions(this.#tables)) await ask(definition);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      throw missingTables(this.#tables, "may not be created by this user", error);
    }
  }
}

type Decided = Omit<SqlReply, "run" | "now">;

function noted({ server: { run }, now }: Sights, decided: Decided): SqlReply {
  return { ...decided, run, now };
}

/** The session knows the server without its tables. */
function serverOf({ run }: KnownServer): Server {
  return { run, session: run.slice(0, run.lastIndexOf("/")) };
}

/** The order in which all processes lock rows. */
function byKey(one: SqlWish, other: SqlWish): number {
  return one.key < other.key ? -1 : 1;
}
