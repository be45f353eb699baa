import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../bench/peers/main.mjs", import.meta.url));

const run = {
  ...{ measure: "run", date: "2026-01-02", node: "20.1.2", processors: "2 x Fast", load: 0.12 },
  ...{ redis: "7.0.1", ioredis: "6.0.0" },
  packages: [
    { name: "incumbent", version: "0.1.0", use: "As it is." },
    { name: "control", use: "By hand." },
  ],
};

const many = { measure: "many", leaderships: 10_000, ttl: 2000, lost: 0, rss: 100 };

const rows = [
  { measure: "many", package: "none", otherP99: 0.2 },
  {
    ...{ ...many, package: "incumbent", held: 9_998, allHeldMs: 900, clientCpu: 0.5 },
    ...{ serverCpu: 9, requests: 100, otherP99: 0.3 },
  },
  {
    ...{ ...many, package: "control", held: 10_000, allHeldMs: 1000, clientCpu: 4 },
    ...{ serverCpu: 12, requests: 15_000, otherP99: 1 },
  },
  {
    ...{ ...many, package: "redlock", held: 10_000, clientCpu: 2 },
    ...{ serverCpu: 8, requests: 15_000, otherP99: 1 },
  },
  { ...many, package: "bare", held: 10_000, serverCpu: 6 },
  { measure: "hand-over", package: "incumbent", rounds: 9, median: 4, p99: 6 },
  { measure: "hand-over", package: "control", rounds: 9, median: 2, p99: 7 },
  { measure: "hand-over", package: "redlock", rounds: 9, median: 1234.5, p99: 2000 },
  { measure: "swallowed", package: "incumbent", rounds: 3, withTwo: 0, overlap: 0 },
  { measure: "swallowed", package: "redlock", rounds: 3, withTwo: 3, overlap: 6000 },
];

let folder: string;
let page: string;
let exitCode: number | null;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "incumbent-page-"));
  const results = join(folder, "results.jsonl");
  writeFileSync(results, [run, ...rows].map((row) => JSON.stringify(row)).join("\n"));
  ({ status: exitCode } = spawnSync(process.execPath, [
    script,
    ...["--from", results, "--out", folder],
  ]));
  page = read("performance.md");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the page about performance", () => {
  test("says when, on what and with which versions it was measured", () => {
    const text = page.replace(/\s+/g, " ");
    expect(text).toContain("on 2026-01-02: Node.js 20.1.2, ioredis 6.0.0, Redis 7.0.1");
    expect(page).toContain("| incumbent | 0.1.0");
  });

  test("has a table for each measure, and one for each size of it", () => {
    expect(page.match(/^##+ .*/gm)).toEqual([
      "## What Incumbent is to hold",
      "## Where others are better",
      "## Thousands of leaderships in one process",
      "### 10,000 leaderships, ttl 2 s",
      "## Graceful hand-over",
      "## The leader's connection is swallowed",
    ]);
    expect(tableRow("redlock", "2,000.0")).toEqual(["redlock", "9", "1,234.5", "2,000.0"]);
  });

  test("shows a figure that there is none of as a dash", () => {
    expect(tableRow("redlock", "10,000")).toContain("–");
  });

  test("compares with what was measured in the same run", () => {
    expect(held("all held, to the control")).toEqual(["0.9 x", "2 x", "yes"]);
    expect(held("client CPU, to the cheapest peer")).toEqual(["0.25 x", "0.2 x", "**no**"]);
    expect(held("to the bare script")).toEqual(["1.5 x", "1.5 x", "yes"]);
    expect(held("held, of all")).toEqual(["2 missing", "0 missing", "**no**"]);
    expect(held("hand-over, to the control")).toEqual(["2 x", "1.3 x", "**no**"]);
    expect(exitCode).toBe(1);
  });

  test("lists every figure in which another package is better", () => {
    const losses = page.match(/^\* .*/gm);
    expect(losses).toEqual([
      expect.stringContaining("held: 9,998; control 10,000, redlock 10,000."),
      expect.stringContaining("server CPU µs a renewal: 9.0; redlock 8.0."),
      "* Graceful hand-over, median ms: 4.0; control 2.0.",
    ]);
  });
});

describe("a plot", () => {
  test("has a bar for each package, with its figure, in the colours that the reader prefers", () => {
    const plot = read("performance/hand-over.svg");
    expect(plot.match(/<text class="label[^>]*>([^<]*)/g)).toHaveLength(3);
    expect(plot).toContain(">1,234.5</text>");
    expect(plot).toContain("prefers-color-scheme: dark");
    expect(page).toContain("![From a stop to the next leader](performance/hand-over.svg)");
  });

  test("says that it is logarithmic if the bars are too different, and not otherwise", () => {
    expect(read("performance/hand-over.svg")).toContain("logarithmic");
    expect(read("performance/client-cpu.svg")).not.toContain("logarithmic");
  });

  test("has bars from nothing to the width of the plot", () => {
    const widths = [...read("performance/swallowed.svg").matchAll(/<rect [^>]*width="(\d+)"/g)];
    expect(widths.map(([, width]) => Number(width))).toEqual([0, 460]);
  });
});

function read(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

/** The cells of the row that begins with a package and has a figure. */
function tableRow(name: string, figure: string): string[] {
  const line = page
    .split("\n")
    .find((text) => text.startsWith(`| ${name} `) && text.includes(figure));
  return cellsOf(line ?? "");
}

/** The figure, the limit and the verdict. */
function held(what: string): string[] {
  const line = page.split("\n").find((text) => text.startsWith("| ") && text.includes(what));
  return cellsOf(line ?? "").slice(1);
}

function cellsOf(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}
