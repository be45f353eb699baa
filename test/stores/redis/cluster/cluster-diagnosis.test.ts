import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { findingsOf, troubles } from "../../../support/findings.ts";
import { freePort } from "../../../support/free-port.ts";
import { RedisCluster } from "../../../support/redis-cluster.ts";
import { startRedis } from "../../../support/redis-server.ts";

/** What is not ok for the user of the documentation with these changes. */
async function remediesFor(cluster: RedisCluster, ...changes: string[]): Promise<string[]> {
  const docs = readFileSync("docs/stores/redis.md", "utf8");
  const [, rules = ""] = /ACL SETUSER elections on >PASSWORD ([^`]*\+asking)/.exec(docs) ?? [];
  for (const node of cluster.nodes) {
    const all = ["reset", "on", ">hush", ...rules.split(/\s+/), ...changes];
    expect(await node.command("ACL", "SETUSER", "elections", ...all)).toBe("OK");
  }
  const findings = await diagnose(cluster.url.replace("//", "//elections:hush@"));
  const lacking = findings.filter(({ level }) => level !== "ok");
  return [...new Set(lacking.map(({ level, remedy }) => `${level}: ${remedy}`))];
}

async function diagnose(url: string) {
  const store = new RedisStore(url);
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

test("each primary of a cluster has its findings, by address, also of rights, and one that is lost is an error", async () => {
  const cluster = await RedisCluster.start({ replicas: false, args: ["--appendonly", "yes"] });
  onTestFinished(() => cluster.stop());
  const findings = await diagnose(cluster.url);
  expect(troubles(findings)).toEqual([]);
  expect(findings[0]?.says).toBe("The cluster has 3 primaries.");
  const addresses = new Set(findings.flatMap(({ server = [] }) => server));
  expect([...addresses].sort()).toEqual(cluster.nodes.map(({ address }) => address).sort());
  expect(await remediesFor(cluster)).toEqual([]);
  expect(await remediesFor(cluster, "-spublish", "-ssubscribe", "-pubsub|numsub")).toEqual([
    "note: Grant +spublish and &incumbent:*.",
    "note: Grant +pubsub|numsub.",
    "note: Grant +ssubscribe, +sunsubscribe and &incumbent:*.",
  ]);
  await cluster.nodes[0]?.kill();
  const lost = await diagnose(cluster.url);
  expect(lost).toContainEqual(
    expect.objectContaining({
      check: "reachable",
      level: "error",
      server: cluster.nodes[0]?.address,
    }),
  );
});

test("a refusal of a cluster has the remedy for what the node says", async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const remedyAt = async (login: string) => {
    const findings = await diagnose(`redis+cluster://${login}127.0.0.1:${server.port}`);
    return findings.map(({ check, remedy }) => `${check}: ${remedy}`);
  };
  const inPlace = "Begin the address with redis:// in place of redis+cluster.";
  expect(await remedyAt("")).toEqual([`reachable: ${inPlace}`]);
  expect(await remedyAt("x:hush@")).toEqual(["reachable: Check user and password."]);
});

test("a cluster of which no node answers is one finding", async () => {
  const findings = await diagnose(`redis+cluster://:hush@127.0.0.1:${await freePort()}`);
  expect(troubles(findings)).toEqual(["error reachable"]);
  expect(JSON.stringify(findings)).not.toContain("hush");
});
