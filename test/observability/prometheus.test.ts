import * as prom15 from "prom-client";
import * as prom14 from "prom-client-14";
import { describe, expect, test, vi } from "vitest";
import { type PrometheusOptions, reportToPrometheus } from "../../src/prometheus.ts";
import { granted, last, stage } from "../elector/stage.ts";
import { settle } from "../support/manual-clock.ts";
import { heldFor, live, refusal, seriesIn } from "./life.ts";

type Client = typeof prom14 | typeof prom15;

/** One elector under measurement, in a registry of its own. */
function measured(client: Client = prom15, options: Partial<PrometheusOptions> = {}) {
  const on = stage();
  const registry = new client.Registry();
  const stop = reportToPrometheus(on.elector, { client, registry, ...options });
  return { ...on, registry, stop, scrape: () => scrape(registry) };
}

/** What Prometheus would read: the value of each series, by its name without `leader_election_`. */
async function scrape(registry: { metrics(): Promise<string> }) {
  return seriesIn(await registry.metrics());
}

describe.each([
  ["prom-client 15", prom15],
  ["prom-client 14", prom14],
])("metrics by %s", (_name, client: Client) => {
  test("are there with zeros before anything has happened", async () => {
    const { scrape } = measured(client);
    const series = await scrape();
    expect(new Set(Object.values(series))).toEqual(new Set([0]));
    const count = (name: string) =>
      Object.keys(series).filter((key) => key.startsWith(name)).length;
    expect(count("transitions_total{")).toBe(6);
    expect(count("errors_total{")).toBe(4 * 6);
    const kinds = Object.keys(series).flatMap((key) => /kind="(\w+)"/.exec(key)?.[1] ?? []);
    expect([...new Set(kinds)]).toEqual([
      ...["unavailable", "timeout", "refused", "misconfigured", "key_occupied", "missing_package"],
    ]);
    expect(series).toMatchObject({
      'transitions_total{name="job",transition="gained",reason="elected"}': 0,
      'renew_duration_seconds_count{name="job",result="ok"}': 0,
      'renew_duration_seconds_count{name="job",result="error"}': 0,
    });
    expect(count("renew_duration_seconds_count{")).toBe(2);
    // One more than there are bounds: all that is above.
    expect(count("renew_duration_seconds_bucket{")).toBe(2 * 14);
    expect(count("failover_seconds_bucket{")).toBe(16);
    expect(count("duration_seconds_bucket{")).toBe(10);
    expect(count("failover_seconds_count{")).toBe(1);
    expect(count("duration_seconds_count{")).toBe(1);
    expect(count("master_status{")).toBe(1);
  });

  test("show a term from its beginning to its end", async () => {
    const { clock, store, elector, scrape, lead } = measured(client);
    const errors: unknown[] = [];
    elector.on("callbackError", ({ error }) => errors.push(error));
    await lead(1_764_000_000_123_456);
    expect(errors).toEqual([]);
    expect(await scrape()).toMatchObject({
      'master_status{name="job"}': 1,
      'fencing_token{name="job"}': 1_764_000_000_123_456,
      'lease_remaining_seconds{name="job"}': 0.9,
      'transitions_total{name="job",transition="gained",reason="elected"}': 1,
      // It does not know of an earlier leader.
      'failover_seconds_count{name="job"}': 0,
    });
    await clock.advance(350);
    last(store.renews).answer({ renewed: true });
    await settle();
    await clock.advance(250);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await settle();
    expect(await scrape()).toMatchObject({
      'master_status{name="job"}': 0,
      'fencing_token{name="job"}': 0,
      'lease_remaining_seconds{name="job"}': 0,
      'transitions_total{name="job",transition="lost",reason="superseded"}': 1,
      'duration_seconds_count{name="job"}': 1,
      'duration_seconds_sum{name="job"}': 0.6,
      'renew_duration_seconds_count{name="job",result="ok"}': 1,
      'renew_duration_seconds_sum{name="job",result="ok"}': 0.05,
    });
  });

  test("leave with the elector that is not measured any more, and keep what was counted", async () => {
    const { elector, stop, scrape, lead } = measured(client);
    await lead();
    stop();
    stop();
    void elector.resign();
    const series = await scrape();
    expect(Object.keys(series)).not.toContain('master_status{name="job"}');
    expect(series).toMatchObject({
      'transitions_total{name="job",transition="gained",reason="elected"}': 1,
      'transitions_total{name="job",transition="lost",reason="resigned"}': 0,
    });
  });
});

describe("metrics", () => {
  test("of a process that was paused say that it does not lead, before it has looked itself", async () => {
    const { clock, scrape, lead, changes } = measured();
    await lead();
    clock.block(5000);
    expect(await scrape()).toMatchObject({
      'master_status{name="job"}': 0,
      'fencing_token{name="job"}': 0,
      'lease_remaining_seconds{name="job"}': 0,
    });
    expect(changes).toEqual(["gain 7"]);
  });

  test("count a term that a pause has ended up to its deadline", async () => {
    const { clock, scrape, lead } = measured();
    await lead();
    clock.block(5000);
    await clock.advance(0);
    expect(await scrape()).toMatchObject({
      'transitions_total{name="job",transition="lost",reason="expired"}': 1,
      'duration_seconds_sum{name="job"}': 0.9,
    });
  });

  test("count errors by operation and kind, and time failed renewals", async () => {
    const { clock, store, scrape, lead } = measured();
    await lead();
    await clock.advance(340);
    last(store.renews).fail(refusal());
    await settle();
    expect(await scrape()).toMatchObject({
      'errors_total{name="job",operation="renew",kind="refused"}': 1,
      'renew_duration_seconds_count{name="job",result="error"}': 1,
      'renew_duration_seconds_sum{name="job",result="error"}': 0.04,
    });
  });

  test("time no request but a renewal", async () => {
    const { store, elector, scrape } = measured();
    await elector.start();
    last(store.acquires).fail(refusal());
    await settle();
    expect(await scrape()).toMatchObject({
      'errors_total{name="job",operation="acquire",kind="refused"}': 1,
      'renew_duration_seconds_count{name="job",result="error"}': 0,
    });
  });

  test("show how long no process had led", async () => {
    const { clock, store, elector, scrape } = measured();
    await elector.start();
    last(store.acquires).answer(heldFor(400));
    await clock.advance(400);
    await clock.advance(250);
    last(store.acquires).answer(granted(6));
    await settle();
    expect(await scrape()).toMatchObject({
      'failover_seconds_count{name="job"}': 1,
      'failover_seconds_sum{name="job"}': 0.25,
    });
  });

  test("count a takeover that took no time", async () => {
    const { clock, store, elector, scrape } = measured();
    await elector.start();
    last(store.acquires).answer(heldFor(400));
    await clock.advance(400);
    last(store.acquires).answer(granted(6));
    await settle();
    expect(await scrape()).toMatchObject({
      'failover_seconds_count{name="job"}': 1,
      'failover_seconds_sum{name="job"}': 0,
    });
  });

  test("of two electors share a registry, and one may leave it", async () => {
    const one = measured();
    const { registry } = one;
    const two = stage({ nodeId: "two" });
    const stop = reportToPrometheus(two.elector, { client: prom15, registry, name: "other" });
    await one.lead();
    expect(await one.scrape()).toMatchObject({
      'master_status{name="job"}': 1,
      'master_status{name="other"}': 0,
    });
    stop();
    const series = await one.scrape();
    expect(series).toMatchObject({ 'master_status{name="job"}': 1 });
    expect(series).not.toHaveProperty(['master_status{name="other"}']);
  });

  test("of two electors with one name show two leaders as two", async () => {
    const one = measured();
    const two = stage({ nodeId: "two" });
    const stop = reportToPrometheus(two.elector, { client: prom15, registry: one.registry });
    await one.lead(7);
    await two.lead(8);
    expect(await one.scrape()).toMatchObject({
      'master_status{name="job"}': 2,
      'fencing_token{name="job"}': 8,
      'transitions_total{name="job",transition="gained",reason="elected"}': 2,
    });
    stop();
    expect(await one.scrape()).toMatchObject({ 'master_status{name="job"}': 1 });
  });

  test("go on counting when an elector is measured again", async () => {
    const { elector, registry, stop, scrape, lead } = measured();
    await lead();
    void elector.resign();
    stop();
    reportToPrometheus(elector, { client: prom15, registry });
    expect(await scrape()).toMatchObject({
      'duration_seconds_count{name="job"}': 1,
      'transitions_total{name="job",transition="lost",reason="resigned"}': 1,
      'master_status{name="job"}': 0,
    });
  });

  test("are there again in a registry that was cleared", async () => {
    const { elector, registry, scrape, lead } = measured();
    registry.clear();
    reportToPrometheus(elector, { client: prom15, registry });
    await lead();
    expect(await scrape()).toMatchObject({ 'master_status{name="job"}': 1 });
  });

  test("of two copies of the package in one process are counted in the same series", async () => {
    const { registry, lead, scrape } = measured();
    vi.resetModules();
    const copy = await import("../../src/prometheus.ts");
    expect(copy.reportToPrometheus).not.toBe(reportToPrometheus);
    const { elector } = stage({ nodeId: "two" });
    const stop = copy.reportToPrometheus(elector, { client: prom15, registry, name: "other" });
    await lead();
    expect(await scrape()).toMatchObject({
      'master_status{name="job"}': 1,
      'master_status{name="other"}': 0,
    });
    stop();
    expect(await scrape()).not.toHaveProperty(['master_status{name="other"}']);
  });

  test.each(["leader_election_errors_total", "leader_election_master_status"])(
    "name a registry that has another %s",
    (name) => {
      const registry = new prom15.Registry();
      new prom15.Counter({ name, help: "x", registers: [registry] });
      expect(() => reportToPrometheus(stage().elector, { client: prom15, registry })).toThrow(
        expect.objectContaining({
          code: "INCUMBENT_INVALID_OPTION",
          message: expect.stringMatching(
            /^registry must have no other metrics that begin with leader_election_.*new client\.Registry\(\)/,
          ),
        }),
      );
    },
  );

  test("go to the client's own registry unless another is named", async () => {
    const { elector } = stage();
    const stop = reportToPrometheus(elector, { client: prom15, name: "default" });
    try {
      expect(await scrape(prom15.register)).toHaveProperty(['master_status{name="default"}'], 0);
    } finally {
      stop();
      prom15.register.clear();
    }
  });

  test("are summed over the workers of a cluster, tokens and times are not", async () => {
    const { registry } = measured();
    const { default: client } = await import("prom-client");
    const one = await registry.getMetricsAsJSON();
    const all = client.AggregatorRegistry.aggregate([one, one]);
    const aggregators = Object.fromEntries(
      all.getMetricsAsArray().map(({ name, aggregator }) => [name, aggregator]),
    );
    expect(aggregators).toMatchObject({
      leader_election_master_status: "sum",
      leader_election_transitions_total: "sum",
      leader_election_fencing_token: "max",
      leader_election_lease_remaining_seconds: "max",
    });
  });

  test("only listen: with them, without them and when they are taken away, all happens alike", async () => {
    const plain = await live(stage());
    expect(plain).toContain("loss 7");
    expect(await live(measured())).toEqual(plain);
    const { stop, ...rest } = measured();
    expect(await live(rest, stop)).toEqual(plain);
  });
});

describe("options of metrics", () => {
  const good = { client: prom15, registry: new prom15.Registry() };

  test.each<[string, object | null, RegExp]>([
    ["no options", null, /^options must be an object.*\{ client \}/],
    ["no client", {}, /^client must be the module prom-client; got undefined.*import \* as client/],
    ["another module", { client: { Counter: class {} } }, /^client must be/],
    ["an unknown option", { ...good, register: {} }, /"register".*did you mean "registry"/],
    [
      "a registry that is none",
      { ...good, registry: {} },
      /^registry must be.*new client\.Registry/,
    ],
    ["no registry", { ...good, registry: null }, /^registry must be a registry/],
    ["an empty name", { ...good, name: "" }, /^name must be a string.*"billing:scheduler"/],
    [
      "a name that looks like another",
      { ...good, name: "a\u200b" },
      /^name .* U\+200B as character 2/,
    ],
    ["buckets that are none", { ...good, buckets: 7 }, /^buckets must be an object.*failover: \[0/],
    ["no buckets", { ...good, buckets: null }, /^buckets must be an object/],
    ["an unknown histogram", { ...good, buckets: { renew: [1] } }, /^histogram "renew"/],
    [
      "bounds that shrink",
      { ...good, buckets: { failover: [2, 1] } },
      /^buckets\.failover must.*\[0\.1, 1, 10\]/,
    ],
    [
      "bounds that stand still",
      { ...good, buckets: { failover: [1, 1] } },
      /^buckets.failover must/,
    ],
    ["a bound of 0", { ...good, buckets: { failover: [0, 1] } }, /^buckets.failover must/],
    ["bounds that are no numbers", { ...good, buckets: { duration: ["1"] } }, /^buckets.duration/],
    ["no bounds", { ...good, buckets: { duration: [] } }, /^buckets.duration/],
  ])("%s are named", (_case, options, message) => {
    const { elector } = stage();
    const given = options as PrometheusOptions; // As a caller without types would.
    expect(() => reportToPrometheus(elector, given)).toThrow(message);
    expect(() => reportToPrometheus(elector, given)).toThrow(
      expect.objectContaining({ code: "INCUMBENT_INVALID_OPTION" }),
    );
  });

  test.each([{}, null, undefined, "elector"])("an elector like %j is named", (given) => {
    const none = given as Parameters<typeof reportToPrometheus>[0]; // As a caller without types would.
    expect(() => reportToPrometheus(none, good)).toThrow(
      /^elector must be an elector.*new RedisElector\(client, "billing:scheduler"\)/,
    );
  });

  test("buckets are those of the first elector of a registry, and a second one that differs is reported", async () => {
    const buckets = { failover: [1, 2] };
    const { registry, scrape } = measured(prom15, { buckets });
    const series = Object.keys(await scrape());
    expect(series.filter((key) => key.startsWith("failover_seconds_bucket"))).toHaveLength(3);
    const { elector } = stage();
    const again = (options: Partial<PrometheusOptions>) =>
      reportToPrometheus(elector, { client: prom15, registry, ...options });
    expect(() => again({ buckets })).not.toThrow();
    expect(() => again({})).not.toThrow();
    expect(() => again({ buckets: { failover: [1] } })).toThrow(
      /^buckets must be those of the.*except for the first elector/,
    );
  });
});
