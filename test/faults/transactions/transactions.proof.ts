import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMariadb } from "../../support/mysql-installed.ts";
import { type DatabaseName, databases, type LedgerDatabase } from "./databases.ts";
import { runRounds } from "./rounds.ts";

const all = Object.keys(databases) as DatabaseName[]; // It has no others.
const names = all.filter((name) => name !== "mysql" || !isMariadb);
const course = { seed: 1, ttl: 600 };

describe.each(names)(
  "leaders that are killed, paused and cut off in a transaction on %s",
  (name) => {
    let database: LedgerDatabase;
    beforeAll(async () => {
      database = await databases[name]();
    });
    afterAll(() => database.stop());

    test("commit nothing after a later leader", async () => {
      const { terms, rows, late, unsound, report } = await runRounds(
        { ...course, guard: "fence", rounds: 5 },
        database,
      );
      expect(report.faults).toBe(5);
      expect(terms).toBeGreaterThan(2);
      expect(rows).toBeGreaterThan(terms);
      expect(late).toEqual([]);
      expect(unsound).toBeUndefined();
    });

    test("do so if nothing is locked", async () => {
      const guard = name === "sqlite" ? "none" : "check";
      let found = 0;
      // On a busy machine the process that goes on may do so before another one has written.
      for (let tried = 0; found === 0 && tried < 5; tried += 1) {
        found = (await runRounds({ ...course, guard, rounds: 2 }, database)).late.length;
      }
      expect(found).toBeGreaterThan(0);
    });
  },
);
