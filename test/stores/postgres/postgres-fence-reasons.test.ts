import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { type PostgresServer, startPostgres, startStandby } from "../../support/postgres-server.ts";
import { acquireRequest, nonce } from "../../support/requests.ts";
import { heldTerm } from "../../support/terms.ts";

let server: PostgresServer;
let store: PostgresStore;

beforeAll(async () => {
  server = await startPostgres();
  store = new PostgresStore(server.url, { restartGuard: false });
  await server.query("CREATE TABLE written (number int)");
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

/** A term of an election that has just been held for the first time. */
async function elected(by = store, key = nonce()) {
  const reply = await by.acquire(acquireRequest(key, { ttl: 60_000 }));
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  return heldTerm(reply.token, { key });
}

async function connect(url = server.url): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

function failing(code: "REFUSED" | "MISCONFIGURED", ...parts: string[]) {
  const message = expect.stringMatching(new RegExp(parts.join(".*"), "s"));
  return { code: `INCUMBENT_STORE_${code}`, applied: "no", message };
}

test("a key that begins with a quotation mark is fenced as any other", async () => {
  const [client, term] = [await connect(), await elected(store, '"job" of Anna')];
  await client.query("BEGIN");
  await store.fence(client, term);
});

describe("a transaction has to begin again, although the term goes on,", () => {
  test.each(["REPEATABLE READ", "SERIALIZABLE"])(
    "if the first election of the key came after its snapshot (%s)",
    async (level) => {
      const client = await connect();
      await client.query(`BEGIN ISOLATION LEVEL ${level}`);
      await client.query("SELECT count(*) FROM written");
      const term = await elected();
      await expect(store.fence(client, term)).rejects.toMatchObject(
        failing("REFUSED", "no election of this key", "begin another if the term goes on"),
      );
      await client.query(`ROLLBACK; BEGIN ISOLATION LEVEL ${level}`);
      await store.fence(client, term);
    },
  );

  test("if it conflicts with another one under SERIALIZABLE, and no election is blamed", async () => {
    const [client, rival, term] = [await connect(), await connect(), await elected()];
    for (const each of [client, rival]) {
      await each.query("BEGIN ISOLATION LEVEL SERIALIZABLE");
      await each.query("SELECT count(*) FROM written");
      await each.query("INSERT INTO written VALUES (1)");
    }
    await rival.query("COMMIT");
    const fenced = store.fence(client, term);
    await expect(fenced).rejects.toMatchObject({
      ...failing("REFUSED", "conflicts with another transaction", "begin another"),
      cause: { code: "40001" },
    });
    await expect(fenced).rejects.not.toThrow("was elected");
  });
});

describe("a transaction that is read-only is refused", () => {
  test("as one that was begun so", async () => {
    const [client, term] = [await connect(), await elected()];
    await client.query("BEGIN READ ONLY");
    await expect(store.fence(client, term)).rejects.toMatchObject(
      failing("MISCONFIGURED", "read-only; begin it without READ ONLY"),
    );
  });

  test("as one of a session that makes them so", async () => {
    const [client, term] = [await connect(), await elected()];
    await client.query("SET default_transaction_read_only = on");
    await client.query("BEGIN");
    await expect(store.fence(client, term)).rejects.toMatchObject(
      failing("MISCONFIGURED", "default_transaction_read_only is on; BEGIN READ WRITE"),
    );
    await client.query("ROLLBACK; BEGIN READ WRITE");
    await store.fence(client, term);
  });

  test("as one on a standby", async () => {
    const term = await elected();
    const standby = await startStandby(server);
    const client = new pg.Client({ connectionString: standby.url });
    try {
      await client.connect();
      await client.query("BEGIN");
      await expect(store.fence(client, term)).rejects.toMatchObject(
        failing("MISCONFIGURED", "is a standby; connect to the primary"),
      );
    } finally {
      await client.end();
      await standby.stop();
    }
  });
});

describe("a role", () => {
  test("without rights on the schema is refused with those, and then with those on the table", async () => {
    await server.query("CREATE SCHEMA own; CREATE ROLE writer LOGIN");
    const own = new PostgresStore(server.url, { schema: "own", restartGuard: false });
    onTestFinished(() => own.close());
    const term = await elected(own);
    const client = await connect(server.url.replace("postgres@", "writer@"));
    const usage = 'GRANT USAGE ON SCHEMA "own" to its role';
    const rights = 'GRANT SELECT, UPDATE ON "own"."incumbent_elections_fences" to its role';
    await client.query("BEGIN");
    await expect(own.fence(client, term)).rejects.toMatchObject(
      failing("MISCONFIGURED", usage, rights),
    );
    await server.query("GRANT USAGE ON SCHEMA own TO writer");
    await client.query("ROLLBACK; BEGIN");
    const fenced = own.fence(client, term);
    await expect(fenced).rejects.toMatchObject(failing("MISCONFIGURED", rights));
    await expect(fenced).rejects.not.toThrow("USAGE");
    await server.query("GRANT SELECT, UPDATE ON own.incumbent_elections_fences TO writer");
    await client.query("ROLLBACK; BEGIN");
    await own.fence(client, term);
  });

  test("that does not see the schema of the session is refused with that among the causes", async () => {
    const term = await elected();
    await server.query("CREATE ROLE blind LOGIN; REVOKE USAGE ON SCHEMA public FROM PUBLIC");
    const client = await connect(server.url.replace("postgres@", "blind@"));
    await client.query("BEGIN");
    await expect(store.fence(client, term)).rejects.toMatchObject(
      failing("MISCONFIGURED", "sees no table of fences", "GRANT USAGE ON that SCHEMA"),
    );
  });
});

describe("a role to which row-level security applies", () => {
  const hidden = failing("MISCONFIGURED", "row-level security hides", "CREATE POLICY", "USING");

  test.each(["on", "off"])(
    "gets the policy that shows it the election (row_security = %s)",
    async (setting) => {
      const role = `secured_${setting}`;
      const own = new PostgresStore(server.url, { schema: role, restartGuard: false });
      onTestFinished(() => own.close());
      await server.query(`CREATE SCHEMA ${role}; CREATE ROLE ${role} LOGIN`);
      const term = await elected(own);
      await server.query(`GRANT USAGE ON SCHEMA ${role} TO ${role};
        GRANT SELECT, UPDATE ON ${role}.incumbent_elections_fences TO ${role};
        ALTER TABLE ${role}.incumbent_elections_fences ENABLE ROW LEVEL SECURITY`);
      const client = await connect(server.url.replace("postgres@", `${role}@`));
      await client.query(`SET row_security = ${setting}; BEGIN`);
      const refused = await own.fence(client, term).catch((error: unknown) => error);
      expect(refused).toMatchObject(hidden);
      const [, policy = ""] = /(CREATE POLICY .*? USING \(true\))/.exec(String(refused)) ?? [];
      await client.query("ROLLBACK; SET row_security = on");
      await server.query(policy.replace("TO that role", `TO ${role}`));
      await client.query("BEGIN");
      await own.fence(client, term);
      const over = { ...term, token: term.token - 1 };
      await expect(own.fence(client, over)).rejects.toThrow("No longer the leader");
    },
  );

  test("is advised to open a transaction if there is none", async () => {
    const term = await elected();
    await server.query(
      "CREATE ROLE secured_idle LOGIN; GRANT SELECT, UPDATE ON incumbent_elections_fences TO secured_idle",
    );
    await server.query("ALTER TABLE incumbent_elections_fences ENABLE ROW LEVEL SECURITY");
    onTestFinished(async () => {
      await server.query("ALTER TABLE incumbent_elections_fences DISABLE ROW LEVEL SECURITY");
    });
    await server.query("GRANT USAGE ON SCHEMA public TO secured_idle");
    const client = await connect(server.url.replace("postgres@", "secured_idle@"));
    await expect(store.fence(client, term)).rejects.toThrow("must have a transaction open");
  });
});

describe("two fences at once in a transaction", () => {
  test("hold on a client", async () => {
    const [client, one, two] = [await connect(), await elected(), await elected()];
    await client.query("BEGIN");
    await Promise.all([one, two, one].map((term) => store.fence(client, term)));
  });

  test("hold in a transaction of postgres.js", async () => {
    const [one, two] = [await elected(), await elected()];
    const sql = postgres(server.url, { max: 1 });
    onTestFinished(() => sql.end());
    await sql.begin((begun) => Promise.all([one, two].map((term) => store.fence(begun, term))));
  });

  test("by functions are refused with how to do it", async () => {
    const [client, one, two] = [await connect(), await elected(), await elected()];
    await client.query("BEGIN");
    const fence = (term: typeof one) => store.fence((sql) => client.query(sql), term);
    await expect(Promise.all([fence(one), fence(two)])).rejects.toThrow("one fence at a time");
    await fence(one);
    await fence(two);
  });
});

test("a row that postgres.js transforms out of sight is refused with what to leave out", async () => {
  const term = await elected();
  // The types of the library know transformations of rows to rows.
  const transform = { row: (row: unknown) => ({ row }) } as object;
  const sql = postgres(server.url, { max: 1, transform });
  onTestFinished(() => sql.end());
  const fenced = sql.begin((begun) => store.fence(begun, term));
  await expect(fenced).rejects.toThrow("postgres(url) without transform.row");
});
