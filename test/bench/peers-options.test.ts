import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../bench/peers/main.mjs", import.meta.url));

function run(...args: string[]) {
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
}

describe("the comparison with other packages", () => {
  test("says what it can measure, and how to see what many elections cost", () => {
    const { status, stdout } = run("--help");
    expect(status).toBe(0);
    expect(stdout).toContain("--only many --packages incumbent,control,bare");
  });

  test.each([
    [["--only", "nothing"], `--only knows many, followers, hand-over`],
    [["--packages", "incumbent,bull"], `not "bull"`],
    [["--leaderships", "1000,few"], `--leaderships must be a whole number from 1, not "few".`],
    [["--ttl", "20"], `--ttl must be a whole number from 500, not "20".`],
    [["--window", "0"], `--window must be a whole number from 1, not "0".`],
    [["--rounds=-1"], `--rounds must be a whole number from 1, not "-1".`],
    [["--from", "/nothing"], "--from cannot be read: ENOENT"],
    [["--from", script], "--from needs what --json has printed"],
    [["--fast"], "--fast"],
  ])("refuses %j", (args, message) => {
    const { status, stdout, stderr } = run(...args);
    expect(status).toBe(64);
    expect(stderr).toContain(message);
    expect(stderr).toContain("npm run bench:peers");
    expect(stdout).toBe("");
  });
});
