import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Elector } from "../../../src/elector/elector.ts";
import { SqliteStore, type SqliteSystem } from "../../../src/stores/sqlite/sqlite-store.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { ownFolder } from "../../support/own-process.ts";

function place(name = "leases.db"): string {
  const folder = ownFolder("diagnosis");
  onTestFinished(() => folder.remove());
  return join(folder.path, name);
}

async function diagnose(path: string, system: Partial<SqliteSystem> = {}) {
  const store = new SqliteStore(path, { allowNetworkFileSystem: true }, system);
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

async function holdElection(path: string): Promise<void> {
  const store = new SqliteStore(path);
  const elector = new Elector(store, "a");
  await elector.start();
  await elector.waitForLeadership();
  onTestFinished(async () => {
    await elector.stop();
    await store.close();
  });
}

describe("a file", () => {
  test("that is in use is sound, and says how many elections it has", async () => {
    const path = place();
    await holdElection(path);
    const findings = await diagnose(path);
    expect(troubles(findings)).toEqual([]);
    expect(findings[0]?.says).toBe(`The file "${path}" has 1 election.`);
  });

  test("that does not exist yet is a note, and is not made", async () => {
    const path = place();
    expect(troubles(await diagnose(path))).toEqual(["note reachable"]);
    expect(existsSync(path)).toBe(false);
  });

  test("in a directory that does not exist is an error", async () => {
    const [finding, ...others] = await diagnose(place("none/leases.db"));
    expect(finding).toMatchObject({ check: "reachable", level: "error" });
    expect(finding?.says).toContain("does not exist");
    expect(others).toEqual([]);
  });

  test("that is none of SQLite's is an error", async () => {
    const path = place();
    writeFileSync(path, "x".repeat(4096));
    const [finding] = await diagnose(path);
    expect(finding?.level).toBe("error");
    expect(finding?.says).toContain("is not an SQLite database");
  });

  test("that other machines may use is a warning", async () => {
    const path = place();
    const findings = await diagnose(path, { fileSystemOf: () => 0x6969 });
    expect(troubles(findings)).toEqual(["note reachable", "warning place"]);
    expect(findings.find(({ check }) => check === "place")?.says).toContain("NFS");
  });
});
