import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseOptions } from "../src/elector/options.ts";
import { Elector } from "../src/index.ts";
import {
  anchorsOf,
  codeBlocksOf,
  headingsOf,
  linksOf,
  tableOf,
  termsOf,
} from "./support/markdown.ts";
import { type Snippet, SnippetProgram } from "./support/snippets.ts";
import { importsOf, literalsOf, membersOf, readProjectFile, root } from "./support/source.ts";

const files = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path));

const pages = ["README.md", "ARCHITECTURE.md", ...files("docs", ".md")];

/** `ts` blocks are programs or parts of one that says what it needs; `ts nocheck` ones are not. */
const snippets: Snippet[] = pages.flatMap((page) =>
  codeBlocksOf(readProjectFile(page))
    .filter(({ info }) => info === "ts")
    .map(({ code, line }) => ({
      name: `${page.replace(/\W/g, "-")}-${line}`,
      code,
      place: { page, line },
    })),
);

describe("programs in the documentation", () => {
  const onSqlite: Snippet = {
    name: "readme-on-sqlite",
    code: readmeOnSqlite(),
    place: { page: "README.md", line: 1 },
  };
  let program: SnippetProgram;

  beforeAll(() => {
    program = new SnippetProgram([...snippets, onSqlite]);
  }, 120_000);

  afterAll(() => rmSync(program.folder, { recursive: true, force: true }));

  test("every one of them type-checks", () => {
    expect(snippets.length).toBeGreaterThan(15);
    expect(program.complaints()).toEqual([]);
  }, 120_000);

  test("the first example of the README leads, and leaves on SIGTERM", async () => {
    const run = start(program.emit(onSqlite.name));
    await run.says(/^leading with token \d{16}\n$/);
    run.process.kill("SIGTERM");
    expect(await run.end()).toEqual({ code: 0, stderr: "" });
    expect(run.stdout()).toMatch(/^leading with token \d{16}\nfollowing\n$/);
  }, 60_000);

  test("the example of the memory store hands the office over", async () => {
    const { name } =
      snippets.find(({ place }) => place.page === "docs/stores/memory.md") ?? onSqlite;
    const run = start(program.emit(name));
    expect(await run.end()).toEqual({ code: 0, stderr: "" });
    expect(run.stdout()).toMatch(/^second \d{16}\n$/);
  }, 60_000);

  function start(script: string) {
    // SQLite's file goes where the compiled programs are.
    const child = spawn(process.execPath, [script], { cwd: program.folder, timeout: 20_000 });
    const heard = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      heard.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      heard.stderr += text;
    });
    const closed = once(child, "close");
    return {
      process: child,
      stdout: () => heard.stdout,
      says: async (text: RegExp) => {
        while (!text.test(heard.stdout) && child.exitCode === null) {
          await Promise.race([once(child.stdout, "data"), closed]);
        }
      },
      end: async () => {
        const [code] = await closed;
        return { code, stderr: heard.stderr };
      },
    };
  }
});

/** The first example with the second one's store. */
function readmeOnSqlite(): string {
  const [redis = "", sqlite = ""] = codeBlocksOf(readProjectFile("README.md"))
    .filter(({ info }) => info === "ts")
    .map(({ code }) => code);
  const [, afterwards = ""] = redis.split(/^const elector = .*$/m);
  return sqlite + afterwards;
}

describe("the documentation", () => {
  test("every link leads to a file, and every anchor to a heading", () => {
    const broken = pages.flatMap((page) =>
      linksOf(readProjectFile(page))
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => !leads(page, link))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  function leads(page: string, link: string): boolean {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return false;
    return anchor === undefined || anchorsOf(readProjectFile(target)).includes(anchor);
  }

  test("errors.md has a section for every code, and for no other", () => {
    const sections = headingsOf(readProjectFile("docs/errors.md")).filter((heading) =>
      heading.startsWith("INCUMBENT_"),
    );
    expect(sections.sort()).toEqual(literalsOf("src/errors.ts", "IncumbentErrorCode").sort());
  });

  test("errors.md explains every reason of a loss", () => {
    const rows = tableOf(readProjectFile("docs/errors.md"), "| `reason` |");
    const explained = rows.map(([reason = ""]) => reason.replace(/[`"]/g, ""));
    expect(explained.sort()).toEqual(literalsOf("src/election/state.ts", "LossReason").sort());
  });

  test("events.md has a section for every event, and for no other", () => {
    const [, events = ""] = readProjectFile("docs/events.md").split("\n## Events\n");
    const sections = headingsOf(events, 3);
    expect(sections.sort()).toEqual(membersOf("src/elector/events.ts", "ElectorEvents").sort());
  });

  test("the README names every option and every method of an elector", () => {
    const readme = readProjectFile("README.md");
    const options = tableOf(readme, "| Option |").flatMap(([name = ""]) => termsOf(name));
    expect(options).toEqual(membersOf("src/elector/options.ts", "ElectorOptions"));
    const methods = termsOf(
      tableOf(readme, "| | |\n".trim())
        .map(([name = ""]) => name)
        .join(" "),
    );
    const named = methods.map((call) => call.replace(/\(.*/, ""));
    const own = Object.getOwnPropertyNames(Elector.prototype).filter(
      (name) => name !== "constructor",
    );
    expect(own.filter((name) => !named.includes(name))).toEqual([]);
  });

  test.each([
    ["memory", "MemoryStoreOptions"],
    ["redis", "RedisStoreOptions"],
    ["sqlite", "SqliteStoreOptions"],
  ])("the page of the %s store has every option", (store, interfaceName) => {
    const rows = tableOf(readProjectFile(`docs/stores/${store}.md`), "| Option |");
    const named = rows.flatMap(([name = ""]) => termsOf(name));
    expect(named).toEqual(membersOf(`src/stores/${store}/${store}-store.ts`, interfaceName));
  });

  test("the table of tuning.md follows from the options", () => {
    const rows = tableOf(readProjectFile("docs/tuning.md"), "| `ttl` | Renewal every |");
    expect(rows.length).toBe(7);
    for (const [ttl = "", ...cells] of rows) {
      const {
        renewalInterval,
        margin,
        ttl: given,
      } = parseOptions({ ttl: duration(ttl) }, true).timing;
      const trusted = given - margin;
      const [interval = "", untrusted = "", window = "", gap = "", outage = "", block = ""] = cells;
      expect([interval, untrusted, window, outage, block].map(duration)).toEqual([
        renewalInterval,
        margin,
        trusted,
        trusted - 1.5 * renewalInterval,
        trusted - renewalInterval,
      ]);
      expect(gap.split(" to ").map(duration)).toEqual([given - renewalInterval, given]);
      expect(Number(cells[6])).toBeCloseTo(1000 / renewalInterval, 1);
      expect(Number(cells[7])).toBeCloseTo(1000 / trusted, 1);
    }
  });

  /** `1.5 s` and `300 ms`, in ms. */
  function duration(text: string): number {
    const [amount, unit] = text.split(" ");
    return Math.round(Number(amount) * (unit === "s" ? 1000 : 1));
  }
});

test("modules import only what ARCHITECTURE.md allows", () => {
  const rows = tableOf(readProjectFile("ARCHITECTURE.md"), "| Part |");
  const rules = rows.flatMap(([parts = "", allowed = ""]) =>
    termsOf(parts).map((part) => ({ part, allowed: allowed.split(",").map(ruleOf) })),
  );
  const within = (path: string, part: string) => path === part || path.startsWith(`${part}/`);
  const forbidden = files("src", ".ts").flatMap((path) => {
    const module = path.slice("src/".length);
    const rule = rules.find(({ part }) => within(module, part));
    return importsOf(path)
      .filter(({ target }) => target.startsWith("."))
      .map(({ target, typeOnly }) => ({ target: join(dirname(module), target), typeOnly }))
      .filter(({ target, typeOnly }) => {
        const own = rule !== undefined && rule.part !== module && within(target, rule.part);
        const granted = rule?.allowed.some(
          (grant) => within(target, grant.part) && (typeOnly || !grant.typesOnly),
        );
        return !own && granted !== true;
      })
      .map(({ target }) => `${module} imports ${target}`);
  });
  expect(forbidden).toEqual([]);
});

/** `` `election` (types) `` */
function ruleOf(cell: string): { readonly part: string; readonly typesOnly: boolean } {
  return { part: termsOf(cell)[0] ?? "nothing", typesOnly: cell.includes("(types)") };
}
