import { type Check, error, note, ok, type Verdict, warning } from "../diagnosis.ts";
import type { Examination } from "../lease-store.ts";
import { compareClocks, connectionsLeft, roundTrip } from "../server-checks.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import type { PostgresHints } from "./postgres-hints.ts";
import type { PostgresSettings } from "./postgres-settings.ts";
import { grants, policies, type Tables, tablesOf } from "./postgres-tables.ts";

/** The oldest version that elections work on, as the server counts them. */
const OLDEST = 120_000;

/** By which the server is recognised; the first needs a right on a managed server. */
const IDENTITY = ["pg_control_system()", "pg_current_wal_lsn()", "pg_postmaster_start_time()"];

/** What the server says of itself, as {@link factsOf} selects it. */
interface Facts {
  readonly number: number;
  readonly version: string;
  readonly role: string;
  readonly hasSchema: boolean;
  readonly mayCreate: boolean;
  readonly tables: readonly {
    readonly name: string;
    readonly exists: boolean;
    /** Whether it has the columns that the store's has. */
    readonly fits: boolean;
    readonly may: boolean;
    /** Whether row-level security applies to the role. */
    readonly isSecured: boolean;
    readonly hasPolicy: boolean;
  }[];
  /** Functions that the role may not call. */
  readonly denied: readonly string[];
  readonly standbys: number;
  readonly synchronous: string;
  readonly fsync: string;
  readonly used: number;
  readonly most: number;
}

/** What is looked at in the database. */
export function postgresChecks(
  connection: PostgresConnection,
  hints: PostgresHints,
  settings: PostgresSettings,
): Check[] {
  const tables = tablesOf(settings);
  const select = (text: string, examination: Examination) =>
    connection.send({ text, values: [] }, examination);
  const facts = async (examination: Examination): Promise<Facts> =>
    JSON.parse(String(await select(factsOf(tables, settings), examination))) as Facts; // As selected.
  return [
    {
      name: "reachable",
      isVital: true,
      remedy: "Check the address, user, password and database, and that it is the primary.",
      run: (examination) => roundTrip(examination, () => select("SELECT '1'", examination)),
    },
    {
      name: "version",
      run: async (examination) => {
        const { number, version } = await facts(examination);
        const says = `PostgreSQL ${version}.`;
        return number < OLDEST ? [error(says, "Use PostgreSQL 12 or later.")] : [ok(says)];
      },
    },
    { name: "tables", run: async (examination) => tablesIn(await facts(examination), settings) },
    {
      name: "rights",
      run: async (examination) => rightsIn(await facts(examination), tables, settings),
    },
    // PGlite has no standby and one session, and never calls fsync.
    ...(settings.isPglite ? [] : serverChecks(facts)),
    {
      name: "clock",
      run: (examination) =>
        compareClocks(examination, async () => Number(await select(CLOCK, examination))),
    },
    { name: "messages", run: () => messagesOver(hints, settings) },
  ];
}

function serverChecks(facts: (examination: Examination) => Promise<Facts>): Check[] {
  return [
    { name: "replication", run: async (examination) => replicationIn(await facts(examination)) },
    {
      name: "connections",
      run: async (examination) => {
        const { used, most } = await facts(examination);
        return connectionsLeft(used, most);
      },
    },
  ];
}

/** Those of each table, without their types. */
const COLUMNS = {
  elections: "key,nonce,node_id,metadata,token,since,ttl,ends_at,run,waits_until,floor",
  fences: "key,token",
  server: "id,run,since",
} as const;

const CLOCK = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text";

function factsOf(tables: Tables, { schema }: PostgresSettings): string {
  const place = schema === undefined ? "current_schema()" : `'${schema}'`;
  const three = Object.entries(COLUMNS).map(
    ([table, columns]) => `('${tables[table as keyof typeof COLUMNS]}', '{${columns}}'::text[])`, // It has no others.
  );
  const functions = IDENTITY.map((name) => `('${name}')`);
  const may = ["SELECT", "INSERT", "UPDATE"]
    .map((right) => `has_table_privilege(to_regclass(t.name), '${right}')`)
    .join(" AND ");
  return `SELECT json_build_object(
  'number', current_setting('server_version_num')::int, 'version', current_setting('server_version'),
  'role', current_user, 'hasSchema', to_regnamespace(quote_ident(${place})) IS NOT NULL,
  'mayCreate', coalesce(has_schema_privilege(to_regnamespace(quote_ident(${place})), 'CREATE'), false),
  'tables', (SELECT json_agg(json_build_object('name', t.name, 'exists', to_regclass(t.name) IS NOT NULL,
    'may', coalesce(${may}, false),
    'isSecured', coalesce(row_security_active(to_regclass(t.name)::oid), false),
    'hasPolicy', EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = to_regclass(t.name)), 'fits', (SELECT count(*) FROM pg_attribute a
      WHERE a.attrelid = to_regclass(t.name) AND a.attname = ANY (t.columns)) = cardinality(t.columns)))
    FROM (VALUES ${three.join(", ")}) t(name, columns)),
  'denied', (SELECT coalesce(json_agg(f.name), '[]') FROM (VALUES ${functions.join(", ")}) f(name)
    WHERE NOT has_function_privilege(f.name, 'EXECUTE')),
  'standbys', (SELECT count(*) FROM pg_stat_replication), 'fsync', current_setting('fsync'),
  'synchronous', current_setting('synchronous_standby_names'),
  'used', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
  'most', current_setting('max_connections')::int)::text`;
}

function tablesIn(
  { tables, hasSchema, mayCreate, role }: Facts,
  settings: PostgresSettings,
): Verdict[] {
  const missing = tables.filter(({ exists }) => !exists).map(({ name }) => name);
  const others = tables.filter(({ exists, fits }) => exists && !fits).map(({ name }) => name);
  if (others.length > 0) {
    const says = `What is called ${others.join(", ")} is not a table of the store's.`;
    return [error(says, 'Give others by the option table, such as { table: "app_elections" }.')];
  }
  if (missing.length === 0) return [ok("The tables of the elections are there.")];
  if (!hasSchema) {
    return [error("The database has no such schema.", "Create it, or give another one.")];
  }
  const remedy =
    "Have the owner of the database create them: docs/stores/postgres.md has the statements.";
  const says = `The tables ${missing.join(", ")} do not exist`;
  if (!settings.createTable) return [error(`${says}, and createTable is false.`, remedy)];
  if (!mayCreate) return [error(`${says}, and the role ${role} may not create them.`, remedy)];
  return [note(`${says} yet. The first candidate that starts creates them.`)];
}

function rightsIn(
  { tables, role, denied }: Facts,
  names: Tables,
  settings: PostgresSettings,
): Verdict[] {
  const verdicts: Verdict[] = [];
  const locked = tables.filter(({ exists, may }) => exists && !may).map(({ name }) => name);
  if (locked.length > 0) {
    const says = `The role ${role} lacks a right on ${locked.join(", ")}.`;
    verdicts.push(error(says, `Run: ${grants(names).replace("…", `"${role}"`)}.`));
  }
  const secured = tables.filter(({ isSecured }) => isSecured);
  if (secured.length > 0) {
    const says = `Row-level security applies to the role ${role} on ${secured.map(({ name }) => name).join(", ")}`;
    // A finding has one line.
    const statements = policies(names).replaceAll("…", `"${role}"`).replaceAll("\n", " ");
    const remedy = `Run: ${statements}.`;
    const isOpen = secured.every(({ hasPolicy }) => hasPolicy);
    if (!isOpen) verdicts.push(error(`${says}, and no policy lets it in.`, remedy));
    else verdicts.push(note(`${says}: its policies must show and accept every row.`));
  }
  if (settings.restartGuard && denied.length > 0) {
    const says = `The role ${role} may not call ${denied.join(", ")}, by which a server that lost its memory is recognised.`;
    const list = denied.join(", ");
    verdicts.push(error(says, `Grant EXECUTE ON FUNCTION ${list}, or pass restartGuard=false.`));
  }
  return verdicts.length > 0
    ? verdicts
    : [ok(`The role ${role} has the rights that elections need.`)];
}

function replicationIn({ standbys, synchronous, fsync }: Facts): Verdict[] {
  if (fsync !== "on") {
    const says =
      "fsync is off: a crash of the machine can destroy the database, and its elections with it.";
    return [warning(says, "Set fsync to on.")];
  }
  if (standbys === 0) return [ok("A primary without standbys.")];
  const says = `A primary with ${standbys === 1 ? "1 standby" : `${standbys} standbys`}`;
  if (synchronous !== "") return [ok(`${says}; commits wait for ${synchronous}.`)];
  return [
    note(
      `${says}, which commits do not wait for. After a failover, a primary that was only cut off goes on granting leases on its side.`,
      "If that matters, set synchronous_standby_names, and promote only that standby.",
    ),
  ];
}

function messagesOver(hints: PostgresHints, { listenUrl }: PostgresSettings): Verdict[] {
  if (listenUrl !== undefined) return [ok("Notifications come over listenUrl.")];
  if (!hints.isDeaf) return [ok("Notifications arrive, so a handover takes milliseconds.")];
  return [
    note(
      "There is a pooler in between, which passes on no notifications: elections are looked at several times a second.",
      "Give listenUrl, a URL of the server itself.",
    ),
  ];
}
