import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { differences } from "./differential.ts";

let postgres: PostgresServer;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

test("the statements decide as the rules do, in 50,000 random requests", async () => {
  for (let hundred = 0; hundred < 10; hundred += 1) {
    const run = { seeds: seeds(10_000 + 100 * hundred, 100), moves: 50 };
    expect(await differences(postgres.url, run)).toEqual([]);
  }
}, 1_200_000);

/** Statements that are broken in one place. */
const mutants: readonly (readonly [name: string, from: string | RegExp, to: string])[] = [
  ["the server is not compared", "s.known <> s.at OR ", ""],
  [
    "an acquire does not write the fence",
    'UPDATE "incumbent_elections_fences" f SET token = w.token FROM won w WHERE f.key = w.key',
    "SELECT FROM won",
  ],
  ["a restored lease does not raise the fence", "f.key = d.key AND x.token < d.token", "false"],
  [
    "a release does not look whose lease it is",
    /e\.nonce = a\.nonce AND |d\.nonce = d\.own AND /g,
    "",
  ],
  [
    "an older term is restored",
    "c.now < c.waits_until AND c.term < c.token",
    "c.now < c.waits_until",
  ],
  ["a lease that has ended is renewed", "(c.is_live OR c.now < c.waits_until)", "true"],
  ["nothing is restored", "d.now < d.waits_until AND d.token < a.token", "false"],
  ["a quarantine is not waited for", "WHEN c.now < c.waits_until THEN 'quarantine'", ""],
  ["a request counts however late it is", "WHEN s.now > s.last THEN 'late'", ""],
];

describe("a broken statement is caught", () => {
  test.each(mutants.map((mutant, at) => [...mutant, at] as const))(
    "%s",
    async (_, from, to, at) => {
      let isFound = false;
      const rewrite = (text: string) => {
        isFound ||= text.replaceAll(from, to) !== text;
        return text.replaceAll(from, to);
      };
      const what = { seeds: seeds(1000 + 100 * at, 60), moves: 40, patience: 1000 };
      const said = await differences(postgres.url, what, rewrite).catch((error) => [String(error)]);
      expect(isFound).toBe(true);
      expect(said).not.toEqual([]);
    },
  );
});
