import { readFileSync } from "node:fs";
import * as client from "prom-client";
import { describe, expect, test } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { observeMetrics } from "../../src/observability/metrics.ts";
import { granted, last, stage } from "../elector/stage.ts";
import { settle } from "../support/manual-clock.ts";

/** One elector under measurement, in a registry of its own. */
function measured(registry = new client.Registry()) {
  const on = stage();
  const stop = observeMetrics(on.elector, { client, registry });
  const value = async (line: string) => {
    const found = (await registry.metrics()).split("\n").find((row) => row.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length + 1));
  };
  return { ...on, registry, stop, value };
}

const status = 'leader_election_master_status{name="job"}';

describe("metrics", () => {
  test("are there with zeros before anything has happened", async () => {
    const { value } = measured();
    expect(await value(status)).toBe(0);
    expect(await value('leader_election_fencing_token{name="job"}')).toBe(0);
    expect(
      await value(
        'leader_election_transitions_total{name="job",transition="lost",reason="expired"}',
      ),
    ).toBe(0);
    expect(
      await value('leader_election_errors_total{name="job",operation="renew",kind="timeout"}'),
    ).toBe(0);
    expect(await value('leader_election_failover_seconds_count{name="job"}')).toBe(0);
    expect(
      await value('leader_election_renew_duration_seconds_count{name="job",result="error"}'),
    ).toBe(0);
  });

  test("tell a term from its beginning to its end", async () => {
    const { clock, store, value, lead } = measured();
    await lead(7);
    expect(await value(status)).toBe(1);
    expect(await value('leader_election_fencing_token{name="job"}')).toBe(7);
    expect(await value('leader_election_lease_remaining_seconds{name="job"}')).toBe(0.9);
    await clock.advance(300);
    last(store.renews).answer({ renewed: true });
    await settle();
    expect(
      await value('leader_election_renew_duration_seconds_count{name="job",result="ok"}'),
    ).toBe(1);
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await settle();
    expect(await value(status)).toBe(0);
    expect(
      await value(
        'leader_election_transitions_total{name="job",transition="lost",reason="superseded"}',
      ),
    ).toBe(1);
    expect(await value('leader_election_duration_seconds_count{name="job"}')).toBe(1);
  });

  test("of a process that was paused say that it does not lead, before it has looked itself", async () => {
    const { clock, value, lead } = measured();
    await lead();
    clock.block(5000);
    expect(await value(status)).toBe(0);
    expect(await value('leader_election_lease_remaining_seconds{name="job"}')).toBe(0);
  });

  test("count errors by operation and kind", async () => {
    const { clock, store, value, lead } = measured();
    await lead();
    await clock.advance(300);
    last(store.renews).fail(new StoreError("INCUMBENT_STORE_REFUSED", "no", { applied: "no" }));
    await settle();
    expect(
      await value('leader_election_errors_total{name="job",operation="renew",kind="refused"}'),
    ).toBe(1);
    expect(
      await value('leader_election_renew_duration_seconds_count{name="job",result="error"}'),
    ).toBe(1);
  });

  test("tell how long nobody had led, from the end of the lease or the release", async () => {
    const { clock, store, elector, value } = measured();
    await elector.start();
    const leader = { nodeId: "two", token: 5, since: 0, expiresIn: 400, metadata: undefined };
    last(store.acquires).answer({ granted: false, reason: "held", leader, retryIn: 400 });
    await clock.advance(400);
    await clock.advance(250);
    last(store.acquires).answer(granted(6));
    await settle();
    expect(await value('leader_election_failover_seconds_sum{name="job"}')).toBe(0.25);
  });

  test("of two electors share a registry, and one may leave it", async () => {
    const one = measured();
    const two = stage({ nodeId: "two" });
    const stop = observeMetrics(two.elector, { client, registry: one.registry, name: "other" });
    await one.lead();
    expect(await one.value(status)).toBe(1);
    expect(await one.value('leader_election_master_status{name="other"}')).toBe(0);
    stop();
    expect(await one.value('leader_election_master_status{name="other"}')).toBeUndefined();
    one.stop();
    expect(one.elector.isLeader()).toBe(true);
    expect(one.told).toEqual(["gain 7"]);
  });
});

describe("what is written about the metrics", () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  const namesIn = (text: string) =>
    new Set(
      [...text.matchAll(/leader_election_[a-z_]+/g)].map(([name]) =>
        name.replace(/_(bucket|sum|count)$/, ""),
      ),
    );

  test("docs/metrics.md tells each of them, and no other", async () => {
    const { registry } = measured();
    const there = (await registry.getMetricsAsJSON()).map(({ name }) => name).sort();
    const rows = read("docs/metrics.md")
      .split("\n")
      .filter((line) => line.startsWith("| `leader"));
    expect([...namesIn(rows.join("\n"))].sort()).toEqual(there);
  });

  test.each(["alerts.yml", "dashboard.json"])(
    "examples/monitoring/%s asks for nothing else",
    async (file) => {
      const { registry } = measured();
      const there = (await registry.getMetricsAsJSON()).map(({ name }) => name);
      const asked = namesIn(read(`examples/monitoring/${file}`));
      expect(asked.size).toBeGreaterThan(3);
      for (const name of asked) expect(there).toContain(name);
    },
  );
});
