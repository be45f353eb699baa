import { describe, expect, test } from "vitest";
import { liveTable } from "../../src/cli/look/live-table.ts";
import type { LeaderJson } from "../../src/http/leader-json.ts";

const plain = (text: string) => text;
const palette = { bold: plain, dim: plain, green: plain, red: plain, yellow: plain, cyan: plain };

function election(key: string, nodeId?: string): LeaderJson {
  const at = "2026-11-27T20:32:00.000Z";
  if (nodeId === undefined) return { key, leader: null, at };
  return { key, leader: { nodeId, token: 7, since: at, expiresInMs: 2000, metadata: null }, at };
}

const view = (...elections: LeaderJson[]) => ({
  elections: elections.map((now) => ({ now, changes: [now] })),
  changes: elections,
  error: undefined,
});

describe("the live table", () => {
  test("has a line for each election, and the latest changes below", () => {
    const lines = liveTable(
      view(election("a", "one"), election("b")),
      { columns: 100, rows: 24 },
      palette,
    );
    expect(lines[0]).toMatch(/^KEY +LEADER +TOKEN/);
    expect(lines[1]).toMatch(/^a +one +7 .* 2\.0 s$/);
    expect(lines[2]).toMatch(/^b +\(none\)$/);
    expect(lines.slice(3)).toEqual(["", "20:32:00  a: one leads", "20:32:00  b: no leader"]);
  });

  test.each([80, 60])(
    "shows what a lease has left on %s columns, by short times and names",
    (columns) => {
      const names = ["0123456789abcdef0123456789abcdef", "0123456789abcdef"];
      const rows = names.map((nodeId) => election("billing:scheduler", nodeId));
      const [heading = "", first, second] = liveTable(
        view(...rows),
        { columns, rows: 24 },
        palette,
      );
      expect(heading).toMatch(/^KEY +LEADER +TOKEN +SINCE +EXPIRES IN/);
      expect(first).toMatch(/^billing\S+ +0123\S+ +7 +20:32:00 +2\.0 s$/);
      expect(second).toMatch(/^billing\S+ +0123\S+ +7 +20:32:00 +2\.0 s$/);
    },
  );

  test("shows the date of a term that began on another day, on a narrow screen", () => {
    const now = { ...election("a", "x".repeat(90)), at: "2026-11-29T08:00:00.000Z" };
    const [, line] = liveTable(view(now), { columns: 80, rows: 24 }, palette);
    expect(line).toMatch(/ 7 +2026-11-27 +2\.0 s$/);
  });

  test("fits the screen, however small, and says how many elections are hidden", () => {
    const many = view(
      ...Array.from({ length: 50 }, (_, index) => election(`key ${index}`, "x".repeat(90))),
    );
    for (const rows of [6, 10, 24, 40]) {
      const lines = liveTable({ ...many, error: "y".repeat(200) }, { columns: 60, rows }, palette);
      expect(lines.length).toBeLessThan(Math.max(rows, 8));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
      expect(lines.join("\n")).toMatch(/and \d+ more/);
    }
  });

  test("escapes what could control the terminal", () => {
    const lines = liveTable(view(election("a", "\u001b[2J")), { columns: 100, rows: 24 }, palette);
    expect(lines.join("")).not.toContain("\u001b");
  });

  test("shows an error of the store in one line", () => {
    const { length, [length - 1]: last } = liveTable(
      { ...view(), error: "Cannot reach\nRedis" },
      { columns: 100, rows: 24 },
      palette,
    );
    expect(last).toBe("incumbent: Cannot reach\\nRedis");
  });
});
