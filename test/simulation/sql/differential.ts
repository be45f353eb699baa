import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Case, draw, type Result } from "./cases.ts";
import { RealPostgres } from "./real-postgres.ts";
import { play } from "./twin.ts";

/** How many requests a statement has. */
const REQUESTS = 100;

let real: RealPostgres;

beforeAll(async () => {
  real = await RealPostgres.start();
});
afterAll(() => real.stop());

/** So many random statements are answered alike by the simulated PostgreSQL and by a real one. */
export function sameAnswers(statements: number): void {
  const requests = (statements * REQUESTS).toLocaleString("en");

  test(`the simulated PostgreSQL does what a real one does, for ${requests} random requests`, async () => {
    const statuses = new Map<string, number>();
    for (let seed = 0; seed < statements; seed += 1) {
      const each = draw(seed, REQUESTS);
      const twin = play(each);
      for (const { status } of twin.replies) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const difference = differenceOf(each, twin, await real.play(each, (text) => text));
      expect(difference, `seed ${seed}`).toBeUndefined();
    }
    // All decisions have come up, and not once by chance.
    const kinds = ["granted", "renewed", "released", "held", "quarantine", "late", "superseded"];
    for (const kind of [...kinds, "raced", "unknown", "server", "none", "leader"]) {
      expect(statuses.get(kind) ?? 0, kind).toBeGreaterThan(statements / 10);
    }
  }, 480_000);
}

/** Statements that are broken in one place. */
const broken: readonly (readonly [name: string, from: string, to: string])[] = [
  ["elect by the clock from before the lock", "incumbent.later", "incumbent.now"],
  ["do not compare the server", "s.known <> s.at OR ", ""],
  ["forget the floor of tokens", "d.floor + 1, ", ""],
  [
    "restore a lease after the not-after",
    "d.now <= a.last AND d.run = me.run AND (",
    "d.run = me.run AND (",
  ],
  ["do not wait in a quarantine", "WHEN c.now < c.waits_until THEN 'quarantine' ", ""],
  ["overlook a locked row at a release", "s.is_there AND l.key IS NULL", "false"],
  ["do not raise the fence", "f.key = d.key AND x.token < d.token", "false"],
  [
    "cut no time that lies too far ahead",
    "ends_at = least(c.ends_at, c.now + c.ttl)",
    "ends_at = c.ends_at",
  ],
  ["notify of no release", "pg_notify('incumbent_elections', 'released ' || d.key)", "d.key"],
];

export function seenDifferences(): void {
  describe("a difference is seen if the statements", () => {
    test.each(broken)("%s", async (_, from, to) => {
      let isFound = false;
      const rewrite = (text: string) => {
        isFound ||= text.includes(from);
        return text.replaceAll(from, to);
      };
      let difference: string | undefined;
      for (let seed = 0; seed < 60 && difference === undefined; seed += 1) {
        const each = draw(seed, REQUESTS);
        difference = differenceOf(each, play(each), await real.play(each, rewrite));
      }
      expect(isFound).toBe(true);
      expect(difference).toBeDefined();
    });
  });
}

/** The first thing that is not the same. */
function differenceOf(each: Case, twin: Result, found: Result): string | undefined {
  const asked: readonly { readonly key: string }[] = JSON.parse(each.values[0] ?? "[]");
  const said = new Map(found.replies.map((reply) => [reply.key, reply]));
  const expected = new Map(twin.replies.map((reply) => [reply.key, reply]));
  for (const request of asked) {
    const { key } = request;
    const of = ({ memory, notices }: Result) => ({
      row: memory.elections.get(key),
      fence: memory.fences.get(key),
      notices: notices.filter((notice) => notice.key === key),
    });
    const one = { reply: expected.get(key), ...of(twin) };
    const other = { reply: said.get(key), ...of(found) };
    if (isDeepStrictEqual(one, other)) continue;
    const before = { row: each.memory.elections.get(key), fence: each.memory.fences.get(key) };
    const show = (value: unknown) => JSON.stringify(value);
    return `${each.name} ${show(request)} on ${show(before)} at ${each.now}, ${each.later} on ${each.run}: twin ${show(one)}, server ${show(other)}`;
  }
  const stamps = [twin.memory.stamp, found.memory.stamp];
  if (isDeepStrictEqual(stamps[0], stamps[1])) return undefined;
  return `${each.name}: stamp ${JSON.stringify(stamps)} after ${JSON.stringify(each.memory.stamp)} on ${each.run}`;
}
