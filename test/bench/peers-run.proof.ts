import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../../bench/peers/main.mjs", import.meta.url));

test("a run measures processes on a server of their own, and prints a row for each package", () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[script, "--only", "many", "--packages", "control,bare", "--leaderships", "30"],
      ...["--ttl", "900", "--window", "1", "--quick", "--json"],
    ],
    { encoding: "utf8" },
  );
  const [run, ...rows] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(run).toMatchObject({ measure: "run", quick: true, redis: expect.any(String) });
  expect(rows).toEqual([
    expect.objectContaining({ package: "none", otherP99: expect.any(Number) }),
    expect.objectContaining({ package: "control", leaderships: 30, ttl: 900 }),
    expect.objectContaining({ package: "bare", held: 30, lost: 0 }),
  ]);
  // One script for all of them against one for each.
  expect(rows[1].requests).toBeGreaterThan(rows[2].requests * 10);
  expect(stderr).toContain("many (3 of 3");
});
