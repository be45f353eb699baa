import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context, metrics, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import * as client from "prom-client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type OpenTelemetryOptions, reportToOpenTelemetry } from "../../src/opentelemetry.ts";
import { reportToPrometheus } from "../../src/prometheus.ts";
import { granted, last, stage } from "../elector/stage.ts";
import { settle } from "../support/manual-clock.ts";
import { heldFor, live, refusal, seriesIn } from "./life.ts";

/** The SDK as an application sets it up, with everything that it would send kept in memory. */
function startSdk() {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meter = new MeterProvider({ readers: [exporter] }).getMeter("incumbent");
  const spans = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(spans)];
  const tracer = new BasicTracerProvider({ spanProcessors }).getTracer("incumbent");
  const page = async () => {
    const { resourceMetrics, errors } = await exporter.collect();
    expect(errors).toEqual([]);
    return new PrometheusSerializer(undefined, false, undefined, true, true).serialize(
      resourceMetrics,
    );
  };
  return { meter, tracer, spans: () => spans.getFinishedSpans(), page };
}

/** One elector that reports to OpenTelemetry and to Prometheus. */
function measured() {
  const on = stage();
  const sdk = startSdk();
  const registry = new client.Registry();
  reportToPrometheus(on.elector, { client, registry });
  const stop = reportToOpenTelemetry(on.elector, { meter: sdk.meter, tracer: sdk.tracer });
  const scrape = async () => seriesIn(await sdk.page());
  return { ...on, ...sdk, stop, scrape, registry };
}

afterEach(() => {
  context.disable();
  metrics.disable();
  trace.disable();
});

/** The current span follows calls and promises, as with the SDK for Node.js. */
function followContext(): void {
  const storage = new AsyncLocalStorage<Context>();
  context.setGlobalContextManager({
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, run, self, ...args) => storage.run(active, () => run.apply(self, args)),
    bind: (_active, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
}

describe("OpenTelemetry's Prometheus exporter and prom-client", () => {
  /** Both pages, series by series. */
  async function compare({
    page,
    registry,
  }: Pick<ReturnType<typeof measured>, "page" | "registry">) {
    const pages = [await page(), await registry.metrics()];
    const [ours = {}, theirs = {}] = pages.map((text) => {
      const series = Object.entries(seriesIn(text));
      return Object.fromEntries(series.map(([name, value]) => [withSortedLabels(name), value]));
    });
    // A histogram of OpenTelemetry begins with its first value.
    const untouched = Object.keys(theirs).filter((name) => !(name in ours));
    expect(untouched.filter((name) => !/seconds_(bucket|sum|count)\{/.test(name))).toEqual([]);
    expect(untouched.filter((name) => theirs[name] !== 0)).toEqual([]);
    const touched = Object.entries(theirs).filter(([name]) => name in ours);
    expect(ours).toEqual(Object.fromEntries(touched));
    return ours;
  }

  function withSortedLabels(series: string): string {
    return series.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(",").sort()}}`);
  }

  test("show the same zeros before anything has happened", async () => {
    const series = await compare(measured());
    expect(Object.keys(series)).toHaveLength(6 + 4 * 6 + 3);
    expect(new Set(Object.values(series))).toEqual(new Set([0]));
  });

  test("show the same numbers after a takeover, errors, renewals, losses and a pause", async () => {
    const on = measured();
    const { clock, store, elector } = on;
    await elector.start();
    last(store.acquires).answer(heldFor(400));
    await clock.advance(650);
    last(store.acquires).answer(granted(1_764_000_000_123_456));
    await settle();
    expect(await compare(on)).toMatchObject({
      'master_status{name="job"}': 1,
      'fencing_token{name="job"}': 1_764_000_000_123_456,
      'lease_remaining_seconds{name="job"}': expect.closeTo(0.65),
      'failover_seconds_sum{name="job"}': 0.25,
    });
    await clock.advance(340);
    last(store.renews).fail(refusal());
    await settle();
    await clock.advance(150);
    last(store.renews).answer({ renewed: true });
    await settle();
    await compare(on);
    clock.block(5000);
    expect(await compare(on)).toMatchObject({ 'master_status{name="job"}': 0 });
    await clock.advance(0);
    const series = await compare(on);
    expect(series).toMatchObject({
      'transitions_total{name="job",reason="elected",transition="gained"}': 1,
      'transitions_total{name="job",reason="expired",transition="lost"}': 1,
      'errors_total{kind="refused",name="job",operation="renew"}': 1,
      'renew_duration_seconds_count{name="job",result="ok"}': 1,
      'errors_total{kind="timeout",name="job",operation="renew"}': 1,
      'renew_duration_seconds_count{name="job",result="error"}': 2,
      'duration_seconds_count{name="job"}': 1,
    });
  });

  test("show the same types and the same help", async () => {
    const { page, registry } = measured();
    const linesOf = (text: string) =>
      text.split("\n").filter((line) => /^# (TYPE|HELP)/.test(line));
    const theirs = linesOf(await registry.metrics());
    const ours = linesOf(await page());
    expect(theirs).toEqual(expect.arrayContaining(ours));
    expect(ours.length).toBe(2 * 5); // The three histograms begin with their first value.
  });

  test("show two electors of one name as two leaders", async () => {
    const on = measured();
    const two = stage({ nodeId: "two" });
    reportToPrometheus(two.elector, { client, registry: on.registry });
    reportToOpenTelemetry(two.elector, { meter: on.meter });
    await on.lead(7);
    await two.lead(8);
    expect(await compare(on)).toMatchObject({
      'master_status{name="job"}': 2,
      'fencing_token{name="job"}': 8,
    });
  });

  test("of a second copy of the package count in the same series", async () => {
    const on = measured();
    vi.resetModules();
    const [prometheus, openTelemetry] = await Promise.all([
      import("../../src/prometheus.ts"),
      import("../../src/opentelemetry.ts"),
    ]);
    expect(openTelemetry.reportToOpenTelemetry).not.toBe(reportToOpenTelemetry);
    const { elector, lead } = stage({ nodeId: "two" });
    prometheus.reportToPrometheus(elector, { client, registry: on.registry });
    openTelemetry.reportToOpenTelemetry(elector, { meter: on.meter });
    await on.lead(7);
    await lead(8);
    expect(await compare(on)).toMatchObject({
      'master_status{name="job"}': 2,
      'transitions_total{name="job",reason="elected",transition="gained"}': 2,
    });
  });
});

describe("metrics of OpenTelemetry", () => {
  test("are 0, and not the last value, when an elector no longer reports", async () => {
    const { lead, scrape, stop } = measured();
    await lead();
    expect(await scrape()).toMatchObject({ 'master_status{name="job"}': 1 });
    stop();
    stop();
    expect(await scrape()).toMatchObject({
      'master_status{name="job"}': 0,
      'fencing_token{name="job"}': 0,
      'lease_remaining_seconds{name="job"}': 0,
      'transitions_total{name="job",transition="gained",reason="elected"}': 1,
    });
  });

  test("are taken without a tracer, and spans without a meter", async () => {
    const [one, two] = [stage(), stage()];
    const errors: unknown[] = [];
    for (const { elector } of [one, two]) {
      elector.on("callbackError", ({ error }) => errors.push(error));
    }
    const { meter, tracer, page, spans } = startSdk();
    reportToOpenTelemetry(one.elector, { meter });
    reportToOpenTelemetry(two.elector, { tracer });
    await one.lead();
    void one.elector.stop();
    expect(spans()).toEqual([]);
    expect(seriesIn(await page())).toMatchObject({
      'transitions_total{name="job",transition="gained",reason="elected"}': 1,
    });
    await two.lead();
    void two.elector.stop();
    expect(spans()).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test("are of the name that was chosen", async () => {
    const { elector } = stage();
    const { meter, page } = startSdk();
    reportToOpenTelemetry(elector, { meter, name: "other" });
    expect(seriesIn(await page())).toHaveProperty(['master_status{name="other"}'], 0);
  });
});

describe("the span of a term", () => {
  test("begins at the election and ends at the loss, with what is known of the term", async () => {
    const { elector, clock, store, lead, spans } = measured();
    await lead(7);
    await clock.advance(200);
    expect(spans()).toEqual([]);
    void elector.resign();
    last(store.releases).answer({ released: true });
    await settle();
    const [span, ...more] = spans();
    expect(more).toEqual([]);
    expect(span).toMatchObject({
      name: "lead job",
      attributes: {
        "leader_election.key": "job",
        "leader_election.node_id": "one",
        "leader_election.token": 7,
        "leader_election.reason": "resigned",
      },
      status: { code: 0 },
      duration: [0, 200_000_000],
      parentSpanContext: undefined,
    });
    expect(span?.events).toMatchObject([
      {
        name: "leader_election.lost",
        attributes: { "leader_election.reason": "resigned" },
        time: span?.endTime,
      },
    ]);
  });

  test("is an error if the term was not given up", async () => {
    const { clock, store, lead, spans } = measured();
    await lead(7);
    await clock.advance(350);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await settle();
    expect(spans()).toMatchObject([
      {
        attributes: { "leader_election.reason": "superseded", "error.type": "superseded" },
        status: { code: 2, message: "Leadership was lost: superseded" },
        events: [{ name: "leader_election.lost" }],
      },
    ]);
  });

  test("ends at the deadline of a term that a pause has outlasted", async () => {
    const { clock, lead, spans } = measured();
    await lead();
    clock.block(5000);
    await clock.advance(0);
    expect(spans()).toMatchObject([
      { duration: [0, 900_000_000], attributes: { "leader_election.reason": "expired" } },
    ]);
  });

  test("is no part of the span in which the elector was started", async () => {
    const { elector, store, tracer, spans } = measured();
    followContext();
    await tracer.startActiveSpan("request", async (request) => {
      await elector.start();
      last(store.acquires).answer(granted(7));
      await settle();
      tracer.startSpan("query").end();
      request.end();
    });
    void elector.stop();
    const parentOf = (wanted: string) =>
      spans().find(({ name }) => name === wanted)?.parentSpanContext;
    expect(parentOf("query")).toBeDefined();
    expect(spans().map(({ name }) => name)).toContain("lead job");
    expect(parentOf("lead job")).toBeUndefined();
  });

  test("ends without a loss when the elector no longer reports", async () => {
    const { elector, lead, spans, stop } = measured();
    await lead();
    stop();
    void elector.stop();
    expect(spans()).toMatchObject([{ status: { code: 0 }, events: [] }]);
  });

  test("is not there for a term that had begun before", async () => {
    const { elector, lead } = stage();
    const errors: unknown[] = [];
    elector.on("callbackError", ({ error }) => errors.push(error));
    const { tracer, spans } = startSdk();
    await lead();
    reportToOpenTelemetry(elector, { tracer });
    void elector.stop();
    expect({ spans: spans(), errors }).toEqual({ spans: [], errors: [] });
  });

  test("is there for each of two terms", async () => {
    const { elector, clock, store, lead, spans } = measured();
    await lead(7);
    void elector.resign();
    last(store.releases).answer({ released: true });
    await settle();
    await clock.advance(300);
    await lead(8);
    void elector.stop();
    const tokens = spans().map(({ attributes }) => attributes["leader_election.token"]);
    expect(tokens).toEqual([7, 8]);
  });
});

describe("reports to OpenTelemetry", () => {
  test("have no password of a store's error", async () => {
    const on = measured();
    const { clock, store, lead } = on;
    await lead();
    await clock.advance(340);
    last(store.renews).fail(refusal("cannot reach redis://user:hushhush@localhost"));
    await settle();
    await clock.advance(1000);
    const said = [await on.page(), await on.registry.metrics()];
    for (const { attributes, events, status, name } of on.spans()) {
      said.push(JSON.stringify({ attributes, events, status, name }));
    }
    expect(said).toHaveLength(3);
    expect(said.join("\n")).not.toContain("hushhush");
    expect(said.join("\n")).not.toContain("redis://");
  });

  test("are taken by the API without an SDK", async () => {
    const { elector, store, lead } = stage();
    const options = { meter: metrics.getMeter("incumbent"), tracer: trace.getTracer("incumbent") };
    const stop = reportToOpenTelemetry(elector, options);
    await lead();
    const stopped = elector.stop();
    last(store.releases).answer({ released: true });
    expect(await stopped).toBe("confirmed");
    stop();
  });

  test("only listen: with them, without them and when they end, all happens alike", async () => {
    const plain = await live(stage());
    expect(plain).toContain("loss 7");
    expect(await live(measured())).toEqual(plain);
    const { stop, ...rest } = measured();
    expect(await live(rest, stop)).toEqual(plain);
  });
});

describe("options of reports to OpenTelemetry", () => {
  const { meter, tracer } = startSdk();

  test.each<[string, object | null, RegExp]>([
    ["no options", null, /^options must be an object.*\{ meter, tracer \}/],
    [
      "neither a meter nor a tracer",
      { name: "job" },
      /^options must have a meter, a tracer.*\{ meter, tracer \}/,
    ],
    ["an unknown option", { meter, trace: tracer }, /"trace".*did you mean "tracer"/],
    ["a meter that is none", { meter: {} }, /^meter must be a Meter.*getMeter\("incumbent"\)/],
    ["a tracer that is none", { tracer: {} }, /^tracer must be a Tracer.*getTracer\("incumbent"\)/],
    ["an empty name", { meter, name: "" }, /^name must be a string of 1 to 512 bytes/],
  ])("%s are named", (_case, options, message) => {
    const { elector } = stage();
    const given = options as OpenTelemetryOptions; // As a caller without types would.
    expect(() => reportToOpenTelemetry(elector, given)).toThrow(message);
    expect(() => reportToOpenTelemetry(elector, given)).toThrow(
      expect.objectContaining({ code: "INCUMBENT_INVALID_OPTION" }),
    );
  });

  test("an elector that is none is named", () => {
    const none = {} as Parameters<typeof reportToOpenTelemetry>[0]; // As a caller without types would.
    expect(() => reportToOpenTelemetry(none, { meter })).toThrow(/^elector must be an elector/);
  });
});
