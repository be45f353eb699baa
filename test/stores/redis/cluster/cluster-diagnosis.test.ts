import { expect, onTestFinished, test } from "vitest";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { findingsOf, troubles } from "../../../support/findings.ts";
import { freePort } from "../../../support/free-port.ts";
import { RedisCluster } from "../../../support/redis-cluster.ts";

async function diagnose(url: string) {
  const store = new RedisStore(url);
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

test("each primary of a cluster has its findings, by address, and one that is lost is an error", async () => {
  const cluster = await RedisCluster.start({ replicas: false, args: ["--appendonly", "yes"] });
  onTestFinished(() => cluster.stop());
  const findings = await diagnose(cluster.url);
  expect(troubles(findings)).toEqual([]);
  expect(findings[0]?.says).toBe("The cluster has 3 primaries.");
  const addresses = new Set(findings.flatMap(({ server = [] }) => server));
  expect([...addresses].sort()).toEqual(cluster.nodes.map(({ address }) => address).sort());
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

test("a cluster of which no node answers is one finding", async () => {
  const findings = await diagnose(`redis+cluster://:hush@127.0.0.1:${await freePort()}`);
  expect(troubles(findings)).toEqual(["error reachable"]);
  expect(JSON.stringify(findings)).not.toContain("hush");
});
