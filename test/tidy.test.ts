import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { entryPoints } from "../scripts/entry-points.mjs";
import { emptyExamplesIn } from "./tidy/error-examples.ts";
import { forbiddenImports, importCircles } from "./tidy/imports.ts";
import { brokenLinks, readPages } from "./tidy/links.ts";
import { undocumented } from "./tidy/public-api.ts";
import { linesOf, nodesOf, readSources, root, type Source, sourceOf } from "./tidy/source.ts";
import { randomnessIn, realTimeIn, unwantedSyntaxIn } from "./tidy/syntax.ts";

const sources = readSources();

describe("the architecture", () => {
  test("imports run one way", () => {
    expect(sources.flatMap(forbiddenImports)).toEqual([]);
  });

  test("no files import each other, not even types", () => {
    expect(importCircles(sources)).toEqual([]);
  });

  test("a circle is seen, also of types and through a third file", () => {
    const circle = [
      sourceOf("elector/a.ts", `import type { B } from "./b.ts";`),
      sourceOf("elector/b.ts", `export * from "./c.ts";`),
      sourceOf("elector/c.ts", `const a = await import("./a.ts");`),
    ];
    expect(importCircles(circle)).toEqual(["elector/a.ts <-> elector/b.ts <-> elector/c.ts"]);
    expect(importCircles(circle.slice(1))).toEqual([]);
  });

  const planted: readonly [claim: string, path: string, code: string][] = [
    ["election/ imports no I/O", "election/x.ts", `import { readFileSync } from "node:fs";`],
    ["election/ imports no errors", "election/x.ts", `import type { E } from "../errors.ts";`],
    ["errors.ts imports no code", "errors.ts", `import { step } from "./election/step.ts";`],
    ["input.ts imports no election", "input.ts", `import type { T } from "./election/timing.ts";`],
    ["boot-time.ts imports only Node.js", "boot-time.ts", `import { invalid } from "./input.ts";`],
    ["the store contract has no code", "stores/lease-store.ts", `import "../errors.ts";`],
    ["the lease rules have no errors", "stores/lease-rules.ts", `export * from "../errors.ts";`],
    ["a store does not know electors", "stores/redis/x.ts", `import "../../elector/loop.ts";`],
    [
      "a store does not know its sibling",
      "stores/redis/x.ts",
      `import "../memory/memory-store.ts";`,
    ],
    ["one server knows nothing of several", "stores/redis/x.ts", `import "../redis-quorum/x.ts";`],
    [
      "several servers are Redis servers",
      "stores/redis-quorum/x.ts",
      `import "../sqlite/sqlite-store.ts";`,
    ],
    ["the observed lease knows no server", "stores/observed/x.ts", `import "node:http";`],
    ["a store imports no client library", "stores/redis/x.ts", `import type { R } from "ioredis";`],
    ["a store runs no election code", "stores/redis/x.ts", `import "../../election/step.ts";`],
    ["an elector knows no store", "elector/x.ts", `import "../stores/redis/redis-store.ts";`],
    ["an elector runs no store code", "elector/x.ts", `import "../stores/lease-rules.ts";`],
    ["an elector knows no exporter", "elector/x.ts", `import "../observability/prometheus.ts";`],
    ["an observer only listens", "observability/x.ts", `import { E } from "../elector/events.ts";`],
    ["an entry point has no command line", "redis.ts", `export * from "./cli/main.ts";`],
    ["src/ knows no simulation", "elector/x.ts", `import "../../simulation/random.ts";`],
    ["a simulation knows Redis", "../simulation/x.ts", `import "../src/stores/memory/x.ts";`],
    ["no code imports cli/", "elector/x.ts", `const x = await import("../cli/main.ts");`],
    [
      "cli/ loads stores when it needs them",
      "cli/x.ts",
      `import "../stores/redis/redis-store.ts";`,
    ],
    ["a store does not know its tests", "stores/redis/x.ts", `import "../../conformance.ts";`],
    ["conformance/ knows no store", "conformance/x.ts", `import "../stores/redis/redis-store.ts";`],
    ["conformance/ knows no elector", "conformance/x.ts", `import "../elector/elector.ts";`],
    ["testing/ knows no real store", "testing/x.ts", `import "../stores/memory/memory-store.ts";`],
    ["an elector does not know testing/", "elector/x.ts", `import "../testing/test-election.ts";`],
    ["clocks do not know requests", "elector/time/x.ts", `import "../requests/attempts.ts";`],
    ["requests do not know terms", "elector/requests/x.ts", `import "../terms/term.ts";`],
    ["terms do not know requests", "elector/terms/x.ts", `import "../requests/request.ts";`],
    ["a file has its place", "helpers/x.ts", ""],
    ["a computed import is none", "cli/x.ts", `const x = await import(name);`],
    [
      "a type in brackets is an import",
      "input.ts",
      `type X = import("./elector/lead.ts").LeadOptions;`,
    ],
  ];

  test.each(planted)("%s (planted in %s)", (_claim, path, code) => {
    expect(forbiddenImports(sourceOf(path, code))).toHaveLength(1);
  });

  test("what the table allows is not reported", () => {
    const code = `
      import type { Applied } from "../../election/event.ts";
      import { invalid } from "../../input.ts";
      import { decide } from "../lease-rules.ts";
      import { open } from "./sqlite-client.ts";
    `;
    expect(forbiddenImports(sourceOf("stores/sqlite/x.ts", code))).toEqual([]);
    const dynamic = `await import("../sqlite.ts");`;
    expect(forbiddenImports(sourceOf("cli/open-store.ts", dynamic))).toEqual([]);
  });
});

describe("real time", () => {
  const clocks =
    "elector/time/clock|boot-time|\\.\\./simulation/quiet|stores/sqlite/sqlite-clock|stores/connections/timer|stores/observed/observed-time";
  // The tests of a store wait, and a test that moves the time lets promises settle.
  const kits = "conformance/real-time|testing/manual-clock";
  const home = new RegExp(`^(${clocks}|${kits}|cli/.*)\\.ts$`);
  // The default of MemoryStore's option `wallClock`, the time of day of spans, and that of an answer.
  const documented =
    /^((stores\/memory\/memory-store|observability\/term-spans)\.ts:\d+ has Date\.now|http\/leader-json\.ts:\d+ has new Date\(\))$/;

  test("is touched by the clocks and the command line alone", () => {
    const elsewhere = sources.filter(({ path }) => !home.test(path)).flatMap(realTimeIn);
    expect(elsewhere.filter((place) => !documented.test(place))).toEqual([]);
  });

  test.each([
    "Date.now();",
    "const now = Date.now;",
    "performance.now();",
    "setTimeout(f, 1);",
    `import { setInterval } from "node:timers";`,
    "process.hrtime.bigint();",
    "new Date();",
    "AbortSignal.timeout(5);",
  ])("is seen in %s", (code) => {
    expect(realTimeIn(sourceOf("election/x.ts", code))).toHaveLength(1);
  });

  test("is not seen in a text, a comment or a date that was given", () => {
    const code = `const usual = "Date.now"; // Date.now()\nnew Date(term.since);`;
    expect(realTimeIn(sourceOf("election/x.ts", code))).toEqual([]);
  });
});

describe("chance", () => {
  const decides = ({ path }: Source) => path.startsWith("election/") || path.startsWith("stores/");

  test("is passed in where decisions are made", () => {
    expect(sources.filter(decides).flatMap(randomnessIn)).toEqual([]);
  });

  test("is seen", () => {
    const code = "export const jitter = Math.random;";
    expect(randomnessIn(sourceOf("election/x.ts", code))).toHaveLength(1);
  });
});

describe("a file", () => {
  test("has at most 300 lines", () => {
    const long = sources.filter((source) => linesOf(source) > 300).map(({ path }) => path);
    expect(long).toEqual([]);
  });

  test("has at most 120 lines in the median", () => {
    const lengths = sources.map(linesOf).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120);
  });

  test("is counted by its lines", () => {
    expect(linesOf(sourceOf("x.ts", "a;\nb;\n"))).toBe(2);
  });

  test("has no any, no assertion that something is there, no enum and no default export", () => {
    expect(sources.flatMap(unwantedSyntaxIn)).toEqual([]);
  });

  test.each([
    "const x: any = 1;",
    "const x = y as any;",
    "const x = y!.z;",
    "class X { y!: number; }",
    "enum X { Y }",
    "export default x;",
    "export default function f() {}",
    "export { x as default };",
  ])("is seen to have %s", (code) => {
    expect(unwantedSyntaxIn(sourceOf("x.ts", code))).toHaveLength(1);
  });

  test("may have a switch with a default", () => {
    const code = "switch (x) { default: y(); }";
    expect(unwantedSyntaxIn(sourceOf("x.ts", code))).toEqual([]);
  });
});

describe("the example of an error", () => {
  test("is never empty, undefined or an object", () => {
    const files = sources.map(({ path }) => join(root, "src", path));
    expect(emptyExamplesIn(files)).toEqual([]);
  });

  test("is seen to be", () => {
    const file = join(root, "src/planted.ts");
    const code = `
      declare const name: string, limit: number | undefined, options: object, is: boolean;
      const good = [{ example: \`\${name} of 7\` }, { example: String(is) }, { example: name }];
      const example = \`at most \${limit}\`;
      const EXAMPLE = String(options);
      const bad = [{ example: "undefined" }, { example: "" }, { example: is ? "one" : "null" }];
    `;
    expect(emptyExamplesIn([file], { [file]: code })).toEqual(
      [
        ...[`4 has \`at most \${limit}\``, "5 has String(options)", '6 has "undefined"'],
        ...['6 has ""', '6 has is ? "one" : "null"'],
      ].map((found) => `src/planted.ts:${found}`),
    );
  });
});

describe("the public API", () => {
  test("has a comment on every name and every method", () => {
    const entries = entryPoints.map(({ name }) => join(root, `src/${name}.ts`));
    expect(undocumented(entries)).toEqual([]);
  });

  test("is seen to lack one", () => {
    const entry = join(root, "src/planted.ts");
    const code = `
      /** Said. */
      export class Said {
        /** Said. */
        a() {}
        b() {}
        #c() {}
        private d() {}
      }
      export type Unsaid = string;
    `;
    expect(undocumented([entry], { [entry]: code })).toEqual(["Said.b", "Unsaid"]);
  });
});

describe("the documentation", () => {
  test("has every error code, and no other", () => {
    const codes = errorCodesIn(readFileSync(join(root, "src/errors.ts"), "utf8"));
    const page = readFileSync(join(root, "docs/reference/errors.md"), "utf8");
    expect(new Set(page.match(/\bINCUMBENT_[A-Z_]+\b/g))).toEqual(new Set(codes));
  });

  test("is compared with the codes of the type", () => {
    const code = `export type IncumbentErrorCode = "INCUMBENT_A" | "INCUMBENT_B"; type X = "X";`;
    expect(errorCodesIn(code)).toEqual(["INCUMBENT_A", "INCUMBENT_B"]);
  });
});

describe("a link in the documentation", () => {
  test("leads somewhere", () => {
    expect(readPages().flatMap(brokenLinks)).toEqual([]);
  });

  test.each(["[x](docs/nothing.md)", "[x](LICENSE#nothing)", "# A\n[x](#b)", "[x](docs#a)"])(
    "is seen to be broken in %j",
    (text) => {
      expect(brokenLinks({ path: "PLANTED.md", text })).toHaveLength(1);
    },
  );

  test("may lead to a heading of its own page", () => {
    const text = "## G1 One: *believed* leader\n[x](#g1-one-believed-leader)";
    expect(brokenLinks({ path: "PLANTED.md", text })).toEqual([]);
  });
});

test("the index of decisions has every page, with its title", () => {
  const pages = readPages().filter(({ path }) => /decisions\/\d/.test(path));
  const index = readFileSync(join(root, "docs/internals/decisions/README.md"), "utf8");
  for (const { path, text } of pages) {
    const [, title = "nothing"] = /^# \d+\. (.+)$/m.exec(text) ?? [];
    expect(index).toContain(`[${title}](${basename(path)})`);
  }
  expect(pages.length).toBeGreaterThan(30);
});

describe("the lock file", () => {
  interface Locked {
    readonly resolved?: string;
    readonly deprecated?: string;
    readonly hasInstallScript?: boolean;
  }
  const lock: { packages: Record<string, Locked> } = readJson("package-lock.json");
  const packages = Object.entries(lock.packages).map(([path, locked]) => ({
    name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
    ...locked,
  }));

  test("names no host", () => {
    expect(packages.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  test("has no package that npm ci would warn of: deprecated, or with an undecided script", () => {
    expect(packages.filter(({ deprecated }) => deprecated !== undefined)).toEqual([]);
    const { allowScripts } = readJson("package.json");
    const withScripts = packages.filter(({ hasInstallScript }) => hasInstallScript === true);
    expect(withScripts.length).toBeGreaterThan(0);
    expect(withScripts.filter(({ name }) => !(name in allowScripts))).toEqual([]);
  });
});

function readJson(path: string) {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

function errorCodesIn(text: string): string[] {
  const { tree } = sourceOf("errors.ts", text);
  for (const node of nodesOf(tree)) {
    if (!ts.isTypeAliasDeclaration(node) || node.name.text !== "IncumbentErrorCode") continue;
    return [...nodesOf(node.type)].filter(ts.isStringLiteral).map((literal) => literal.text);
  }
  throw new Error("src/errors.ts has no type IncumbentErrorCode");
}
