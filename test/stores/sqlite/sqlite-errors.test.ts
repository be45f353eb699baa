import { describe, expect, test } from "vitest";
import { isBusy, sqliteFailure } from "../../../src/stores/sqlite/sqlite-errors.ts";

/** The same failure as the libraries give it: `node:sqlite`, `better-sqlite3`, Bun, Deno's `exec`. */
function everyWay(errcode: number, code: string, text: string): Error[] {
  return [
    Object.assign(new Error(text), { code: "ERR_SQLITE_ERROR", errcode }),
    Object.assign(new Error(text), { code }),
    Object.assign(new Error(text), { code, errno: errcode, byteOffset: -1 }),
    new Error(text),
  ];
}

describe("a failure of SQLite", () => {
  test.each([
    [5, "SQLITE_BUSY", "database is locked", "UNAVAILABLE"],
    [261, "SQLITE_BUSY_RECOVERY", "database is locked", "UNAVAILABLE"],
    [778, "SQLITE_IOERR_WRITE", "disk I/O error", "UNAVAILABLE"],
    [13, "SQLITE_FULL", "database or disk is full", "UNAVAILABLE"],
    [8, "SQLITE_READONLY", "attempt to write a readonly database", "MISCONFIGURED"],
    [14, "SQLITE_CANTOPEN", "unable to open database file", "MISCONFIGURED"],
    [26, "SQLITE_NOTADB", "file is not a database", "MISCONFIGURED"],
    [11, "SQLITE_CORRUPT", "database disk image is malformed", "MISCONFIGURED"],
  ])("%i is known, whichever library reports it", (errcode, code, text, kind) => {
    for (const cause of everyWay(errcode, code, text)) {
      const failure = sqliteFailure(cause, "/data/leader.db", "no");
      expect(failure.code).toBe(`INCUMBENT_STORE_${kind}`);
      expect(failure).toMatchObject({ cause, applied: "no" });
      expect(failure.message).toMatch(/^The SQLite file "\/data\/leader\.db" .*\(.*\)\.$/);
      expect(failure.message).toContain(text);
      expect(isBusy(cause)).toBe(code.startsWith("SQLITE_BUSY"));
    }
  });

  test("of unknown kind says what it is", () => {
    const failure = sqliteFailure(new Error("no such table: elections"), "/leader.db", "maybe");
    expect(failure.code).toBe("INCUMBENT_STORE_UNAVAILABLE");
    expect(failure.applied).toBe("maybe");
    expect(failure.message).toBe('The SQLite file "/leader.db" failed (no such table: elections).');
    expect(sqliteFailure("odd", "/leader.db", "no").message).toContain("(odd)");
  });
});
