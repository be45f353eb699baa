import type { Mutant } from "./mutant.ts";

const folder = "simulation/sql/postgres";

/** In the statements of PostgreSQL, and in what makes a server another one. */
const inPostgres: readonly Omit<Mutant, "store">[] = [
  {
    name: "PostgreSQL elects by the clock from before the lock",
    breaks: ["I1", "I4", "I7"],
    file: `${folder}/acquire.ts`,
    replace: ["({ ...sight, now: transaction.now() })", "sight"],
    trace: "an-election-decided-before-the-lock.json",
  },
  {
    name: "PostgreSQL renews by the clock from before the lock",
    breaks: ["I1", "I7"],
    file: `${folder}/renew.ts`,
    replace: ["({ ...sight, now: transaction.now() })", "sight"],
    trace: "a-renewal-decided-before-the-lock.json",
  },
  {
    name: "PostgreSQL does not compare which server has written a row",
    breaks: ["I1"],
    file: `${folder}/asked.ts`,
    replace: ["return run === server;", "return true;"],
    trace: "a-row-of-another-server.json",
  },
  {
    name: "PostgreSQL elects without waiting after a loss",
    breaks: ["I1"],
    file: `${folder}/adopt.ts`,
    replace: ["const longest = Math.max(quarantine, row.ttl);", "const longest = 0;"],
    trace: "an-election-at-once-after-a-loss.json",
  },
  {
    name: "PostgreSQL forgets the floor of tokens",
    breaks: ["I2"],
    file: `${folder}/acquire.ts`,
    replace: ["row.floor + 1, ", ""],
    trace: "a-clock-set-back-after-a-loss.json",
  },
  {
    name: "PostgreSQL restores a lease, and elects, after the not-after",
    breaks: ["I1", "I7"],
    file: `${folder}/asked.ts`,
    replace: ["return now > last;", "return false;"],
    trace: "a-request-after-its-not-after.json",
  },
  {
    name: "PostgreSQL overlooks a lease that is being committed when it is given back",
    breaks: ["I7"],
    file: `${folder}/release.ts`,
    replace: ['isThere && !isLocked.has(key) ? "raced" : "none"', '"none"'],
    trace: "a-release-while-a-renewal-is-committed.json",
  },
  {
    name: "PostgreSQL elects beside a renewal that is being committed",
    breaks: ["I1"],
    file: `${folder}/acquire.ts`,
    replace: ['transaction.lock("fences", key) && transaction.lock("elections", key)', "true"],
    trace: "an-election-beside-a-renewal-that-is-committed.json",
  },
  {
    name: "TRUNCATE goes unnoticed",
    breaks: ["I1"],
    file: "simulation/sql/simulated-database.ts",
    replace: ["[system, timeline, started, files].join", "[system, timeline, started].join"],
    trace: "a-truncate.json",
  },
  {
    name: "a restart goes unnoticed, also one with older files",
    breaks: ["I1"],
    file: "simulation/sql/simulated-database.ts",
    replace: ["[system, timeline, started, files].join", "[system, timeline, files].join"],
    trace: "a-restart-with-older-files.json",
  },
];

/** In the statements of MySQL and MariaDB, and in how the store uses them. */
const inMysql: readonly Omit<Mutant, "store">[] = [
  {
    name: "MySQL reads NOW() and not SYSDATE()",
    breaks: ["I7"],
    file: "simulation/sql/mysql/decide.ts",
    replace: [
      "const sysdate = () => transaction.now();",
      "const began = transaction.now(); const sysdate = () => began;",
    ],
    trace: "a-row-locked-past-the-not-after.json",
  },
  {
    name: "MySQL elects, and restores a lease, after the not-after",
    breaks: ["I7"],
    file: "simulation/sql/mysql/decide.ts",
    replace: [" && now <= wish.last", ""],
    trace: "a-row-locked-past-the-not-after.json",
  },
  {
    name: "MySQL forgets the floor of tokens",
    breaks: ["I2"],
    file: "src/stores/mysql/mysql-dialect.ts",
    replace: ["election.floor, ", ""],
    trace: "a-clock-set-back-after-a-loss-on-mysql.json",
  },
  {
    name: "MySQL takes all renewals of a statement for carried out if one was",
    breaks: ["I1"],
    file: "src/stores/mysql/mysql-dialect.ts",
    replace: ["prolonged?.affected === requests.length", "prolonged?.affected"],
    trace: "renewals-of-which-one-was-lost-on-mysql.json",
  },
  {
    name: "a restart of MySQL goes unnoticed, also one with older files",
    breaks: ["I1"],
    file: "simulation/sql/simulated-database.ts",
    replace: ["return [system, timeline, started].join", "return [system, timeline].join"],
    trace: "a-restart-with-older-files-on-mysql.json",
  },
];

/** In what a process remembers of another database, to which a proxy has led all clients meanwhile. */
const behindProxy: readonly Omit<Mutant, "store">[] = [
  {
    name: "a process forgets that it has heard from another SQL server",
    breaks: ["I1"],
    file: "src/stores/sql/known-server.ts",
    replace: ["this.#changed = { at, now: note.now };", "this.#changed = undefined;"],
    trace: "a-return-that-is-forgotten.json",
  },
  {
    name: "a process that was on another SQL server waits for half of the quarantine",
    breaks: ["I1"],
    file: "src/stores/sql/known-server.ts",
    replace: ["quarantine - passed", "quarantine / 2 - passed"],
    trace: "half-a-wait-after-a-return.json",
  },
  {
    name: "a process that was on another SQL server waits by its own clock",
    breaks: ["I1"],
    file: "src/stores/connections/surely-passed.ts",
    replace: ["return ms * 0.8;", "return ms;"],
    trace: "a-wait-by-a-fast-clock.json",
  },
];

/** On an SQL database. */
export const database: readonly Mutant[] = [
  ...inPostgres.map((mutant): Mutant => ({ ...mutant, store: "postgres" })),
  ...behindProxy.map((mutant): Mutant => ({ ...mutant, store: "postgres" })),
  ...inMysql.map((mutant): Mutant => ({ ...mutant, store: "mysql" })),
  {
    name: "MySQL restores a lease that was given back while it looked",
    breaks: ["I7"],
    file: "src/stores/mysql/mysql-dialect.ts",
    replace: ["if (!request.isAwaited) return", "if (false) return"],
    trace: "a-restoration-after-a-release-on-mysql.json",
  },
];
