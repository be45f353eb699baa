import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import * as client from "prom-client";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  counters,
  defaultBuckets,
  gauges,
  histograms,
} from "../../src/observability/measurements.ts";
import { reportToOpenTelemetry } from "../../src/opentelemetry.ts";
import { reportToPrometheus } from "../../src/prometheus.ts";
import { membersOf, readProjectFile } from "../docs/declarations.ts";
import { tableOf, termsOf } from "../docs/markdown.ts";
import { stage } from "../elector/stage.ts";

const page = readProjectFile("docs/reference/metrics.md");
const alerts = readProjectFile("examples/monitoring/alerts.yml");
const dashboard = readProjectFile("examples/monitoring/dashboard.json");

/** What there is: every metric with its type, and every label with its values. */
async function measured() {
  const registry = new client.Registry();
  reportToPrometheus(stage().elector, { client, registry });
  const metrics = await registry.getMetricsAsJSON();
  const labels = new Map<string, Set<string>>();
  const labelsOf = metrics.map(({ name, values }) => {
    const names = new Set<string>();
    for (const [label, value] of values.flatMap((each) => Object.entries(each.labels))) {
      if (label === "le") continue;
      names.add(label);
      labels.set(label, (labels.get(label) ?? new Set()).add(String(value)));
    }
    return [name, [...names].sort()] as const;
  });
  return { types: metrics.map(({ name, type }) => [name, String(type)]), labelsOf, labels };
}

/** The metrics that an expression or a sentence names, without the suffixes of a histogram. */
function namesIn(text: string): Set<string> {
  const names = text.match(/leader_election_[a-z_]+/g) ?? [];
  return new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")));
}

/** The label values that an expression selects: `{kind=~"a|b"}`. */
function selectorsIn(text: string): { label: string; values: string[] }[] {
  return [...text.matchAll(/(\w+)(?:=~|!~|!=|=)"([^"$]+)"/g)].map(
    ({ 1: label = "", 2: values = "" }) => ({ label, values: values.split("|") }),
  );
}

describe("docs/reference/metrics.md", () => {
  const rows = tableOf(page, "| Prometheus | OpenTelemetry, with its unit |");

  test("has every metric with its type, and no other", async () => {
    const { types } = await measured();
    const listed = rows.map(([name = "", , type = ""]) => [...termsOf(name), type]);
    expect(listed.sort()).toEqual(types.sort());
    expect([...namesIn(page)].filter((name) => !types.some(([known]) => known === name))).toEqual(
      [],
    );
  });

  test("has the name and the unit that each metric has in OpenTelemetry", () => {
    const measurements = Object.values({ ...counters, ...histograms, ...gauges });
    const listed = rows.map(([, name = ""]) => termsOf(name));
    expect(listed.sort()).toEqual(measurements.map(({ name, unit }) => [name, unit]).sort());
    for (const [prometheus = "", openTelemetry = ""] of rows) {
      const [name = "", unit = ""] = termsOf(openTelemetry);
      expect(termsOf(prometheus)[0]?.replace(/_total$/, "")).toBe(name.replaceAll(".", "_"));
      // What a Collector appends to a name is there already, or is nothing.
      expect(unit === "s" ? /_seconds$/.test(name) : /^\{\w+\}$/.test(unit)).toBe(true);
    }
  });

  test("has every attribute of a span", async () => {
    const spans = new InMemorySpanExporter();
    const spanProcessors = [new SimpleSpanProcessor(spans)];
    const tracer = new BasicTracerProvider({ spanProcessors }).getTracer("incumbent");
    const { elector, lead, clock } = stage();
    reportToOpenTelemetry(elector, { tracer });
    await lead();
    await clock.advance(2000);
    const [span] = spans.getFinishedSpans();
    const listed = tableOf(page, "| Attribute |").flatMap(([name = ""]) => termsOf(name));
    expect(listed.sort()).toEqual(Object.keys(span?.attributes ?? {}).sort());
    for (const { name } of span?.events ?? []) expect(page).toContain(`\`${name}\``);
  });

  test("has every label of a metric, and no other", async () => {
    const { labelsOf } = await measured();
    const listed = rows.map(
      ([name = "", , , labels = ""]) => [termsOf(name)[0], termsOf(labels).sort()] as const,
    );
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(labelsOf));
  });

  test("has every value of a label", async () => {
    const { labels } = await measured();
    const listed = Object.fromEntries(
      tableOf(page, "| Label |").map(([label = "", values = ""]) => [
        termsOf(label)[0],
        termsOf(values.replace(/\(.*\)/, "")), // What is in brackets explains a value.
      ]),
    );
    expect(Object.keys(listed).sort()).toEqual([...labels.keys()].sort());
    for (const [label, values] of labels) {
      if (label !== "name") expect(listed[label]?.sort()).toEqual([...values].sort());
    }
  });

  test("has every option and the bounds of every histogram", () => {
    const options = tableOf(page, "| Option |").flatMap(([name = ""]) => termsOf(name));
    expect(options.sort()).toEqual(
      membersOf("src/observability/prometheus-options.ts", "PrometheusOptions").sort(),
    );
    const others = tableOf(page, "| Option of `reportToOpenTelemetry` |");
    expect(others.flatMap(([name = ""]) => termsOf(name))).toEqual(
      membersOf("src/observability/opentelemetry-options.ts", "OpenTelemetryOptions"),
    );
    const bounds = tableOf(page, "| Histogram |").map(([name = "", text = ""]) => [
      ...termsOf(name),
      secondsIn(text),
    ]);
    expect(Object.fromEntries(bounds)).toEqual(defaultBuckets);
  });

  /** `5, 10 ms, 1 s`: each number has the next unit. */
  function secondsIn(text: string): number[] {
    const units: Record<string, number> = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 };
    return [...text.matchAll(/([\d., ]+) (ms|s|min|h|d)/g)].flatMap(
      ({ 1: numbers = "", 2: unit = "" }) =>
        numbers
          .split(",")
          .filter((each) => each.trim() !== "")
          .map((each) => Number((Number(each) * (units[unit] ?? Number.NaN)).toFixed(6))),
    );
  }
});

describe("alerts.yml", () => {
  const { groups }: { groups: { name: string; rules: Record<string, unknown>[] }[] } =
    parse(alerts);
  const rules = groups.flatMap((group) => group.rules);

  test("has rules as Prometheus wants them", () => {
    expect(rules.length).toBeGreaterThan(5);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, expr, labels, annotations, for: wait = "0s", ...more } of rules) {
      expect(alert).toMatch(/^[A-Z]\w+$/);
      expect(expr).toBeTypeOf("string");
      expect(labels).toEqual({ severity: expect.stringMatching(/^(critical|warning)$/) });
      expect(annotations).toMatchObject({ summary: expect.any(String) });
      expect(wait).toMatch(/^\d+[smh]$/);
      expect(more).toEqual({});
    }
  });

  test("asks only for metrics and label values that there are", async () => {
    const { types, labels } = await measured();
    for (const { expr } of rules) {
      const asked = namesIn(String(expr));
      expect(asked.size).toBeGreaterThan(0);
      for (const name of asked) expect(types.map(([known]) => known)).toContain(name);
      for (const { label, values } of selectorsIn(String(expr))) {
        expect([...(labels.get(label) ?? [])]).toEqual(expect.arrayContaining(values));
      }
    }
  });

  test("sounds for two leaders only after two scrapes of 15 s", () => {
    const rule = rules.find(({ alert }) => alert === "TwoLeaders");
    expect(rule).toMatchObject({
      expr: "sum by (name) (leader_election_master_status) > 1",
      for: "1m",
    });
  });
});

describe("dashboard.json", () => {
  interface Query {
    readonly refId: string;
    readonly datasource: { readonly uid: string };
    readonly expr: string;
  }
  interface Panel {
    readonly id: number;
    readonly title: string;
    readonly datasource: { readonly uid: string };
    readonly gridPos: Record<"x" | "y" | "w" | "h", number>;
    readonly targets: readonly Query[];
  }
  const { schemaVersion, templating, panels } = JSON.parse(dashboard) as {
    readonly schemaVersion: number;
    readonly templating: { readonly list: readonly { readonly name: string; type: string }[] };
    readonly panels: readonly Panel[];
  }; // Our own file; the tests below say whether it is.

  test("can be imported, with the data source as a variable", () => {
    expect(schemaVersion).toBeGreaterThanOrEqual(39);
    expect(templating.list).toContainEqual(
      expect.objectContaining({ name: "datasource", type: "datasource", query: "prometheus" }),
    );
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const sources = panels.flatMap(({ datasource, targets }) => [
      datasource.uid,
      ...targets.map((target) => target.datasource.uid),
    ]);
    expect(new Set(sources)).toEqual(new Set(["${" + "datasource}"]));
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test("shows every metric, and no other", async () => {
    const { types } = await measured();
    const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join("\n");
    expect([...namesIn(shown)].sort()).toEqual(types.map(([name]) => name).sort());
    expect([...namesIn(dashboard)].sort()).toEqual([...namesIn(shown)].sort());
  });

  test("asks for the elections that were chosen", () => {
    for (const { targets } of panels) {
      for (const { expr } of targets) expect(expr).toContain('{name=~"$name"}');
    }
  });
});
