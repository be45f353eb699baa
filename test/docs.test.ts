import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parseOptions } from "../src/elector/options.ts";
import { Elector } from "../src/index.ts";
import { literalsOf, membersOf, readProjectFile } from "./docs/declarations.ts";
import { codeBlocksOf, headingsOf, tableOf, termsOf } from "./docs/markdown.ts";
import { type Snippet, SnippetProgram } from "./docs/snippets.ts";
import { startRedis } from "./support/redis-server.ts";
import { readPages } from "./tidy/links.ts";

/** `ts` blocks are programs, or parts of one that say what they need; `ts nocheck` ones are not. */
const snippets: Snippet[] = readPages().flatMap(({ path, text }) =>
  codeBlocksOf(text)
    .filter(({ info }) => info === "ts")
    .map(({ code, line }) => ({
      name: `${path.replace(/\W/g, "-")}-${line}`,
      code,
      place: { page: path, line },
    })),
);

/** The first example of the README with the store of the second. */
const readmeOnSqlite: Snippet = (() => {
  const [redis, sqlite] = snippets.filter(({ place }) => place.page === "README.md");
  const [, afterwards = ""] = redis?.code.split(/^const elector = .*$/m) ?? [];
  const place = { page: "README.md", line: sqlite?.place.line ?? 0 };
  return { name: "readme-on-sqlite", code: `${sqlite?.code}${afterwards}`, place };
})();

describe("the programs in the documentation", () => {
  let program: SnippetProgram;

  beforeAll(() => {
    program = new SnippetProgram([...snippets, readmeOnSqlite]);
  }, 120_000);

  afterAll(() => rmSync(program.folder, { recursive: true, force: true }));

  test("type-check", () => {
    expect(snippets.length).toBeGreaterThan(15);
    expect(program.complaints()).toEqual([]);
  }, 120_000);

  test("are seen to have a mistake, with the place in the page", () => {
    const code = `import { Elector } from "incumbent";\nnew Elector("no store", "key");\n`;
    const planted: Snippet = { name: "planted", code, place: { page: "PLANTED.md", line: 10 } };
    const faulty = new SnippetProgram([planted]);
    rmSync(faulty.folder, { recursive: true });
    expect(faulty.complaints()).toEqual([expect.stringMatching(/^PLANTED\.md:11: .*LeaseStore/)]);
  }, 120_000);

  test("lead, and leave on SIGTERM: the first of the README, on SQLite", async () => {
    const run = start(program.emit(readmeOnSqlite.name));
    await run.says(/^leading with token \d{16}\nleader \n$/);
    run.process.kill("SIGTERM");
    expect(await run.end()).toEqual({ by: "SIGTERM", stderr: "" });
    expect(run.stdout()).toMatch(/^leading with token \d{16}\nleader \nno longer leading\n$/);
  }, 60_000);

  test("lead on a new Redis in CI, and leave at Ctrl-C: the first of the README", async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const [first] = snippets.filter(({ place }) => place.page === "README.md");
    const script = program.emit(first?.name ?? "");
    const url = `${redis.url}?restartGuard=false`;
    writeFileSync(script, readFileSync(script, "utf8").replace("redis://127.0.0.1:6379", url));
    const run = start(script);
    await run.says(/^leading with token \d{16}\nleader \n$/);
    run.process.kill("SIGINT");
    expect(await run.end()).toEqual({ by: "SIGINT", stderr: "" });
  }, 60_000);

  test("hand leadership over: the one of the memory store", async () => {
    const [example] = snippets.filter(({ place }) => place.page === "docs/stores/memory.md");
    const run = start(program.emit(example?.name ?? ""));
    expect(await run.end()).toEqual({ by: 0, stderr: "" });
    expect(run.stdout()).toMatch(/^second \d{16}\n$/);
  }, 60_000);

  test("commit a fenced transaction: the one on SQLite", async () => {
    const example = snippets.find(
      ({ place, code }) =>
        place.page === "docs/guide/fencing.md" && code.includes("incumbent/sqlite"),
    );
    const run = start(program.emit(example?.name ?? ""));
    expect(await run.end()).toEqual({ by: 0, stderr: "" });
    expect(run.stdout()).toBe("1\n");
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
        const [code, signal] = await closed;
        return { by: signal ?? code, stderr: heard.stderr };
      },
    };
  }
});

describe("the documentation", () => {
  test("errors.md has a section for every code, and for no other", () => {
    const page = readProjectFile("docs/reference/errors.md");
    const sections = [...headingsOf(page, 2), ...headingsOf(page, 3)];
    const ofCodes = sections.filter((heading) => heading.startsWith("INCUMBENT_"));
    expect(ofCodes.sort()).toEqual(literalsOf("src/errors.ts", "IncumbentErrorCode").sort());
  });

  test("errors.md explains every reason of a loss", () => {
    const rows = tableOf(readProjectFile("docs/reference/errors.md"), "| `reason` |");
    const explained = rows.map(([reason = ""]) => reason.replace(/[`"]/g, ""));
    expect(explained.sort()).toEqual(literalsOf("src/election/state.ts", "LossReason").sort());
  });

  test("events.md has a section for every event, and for no other", () => {
    const [, events = ""] = readProjectFile("docs/reference/events.md").split("\n## Events\n");
    const sections = headingsOf(events, 3);
    expect(sections.sort()).toEqual(membersOf("src/elector/events.ts", "ElectorEvents").sort());
  });

  test("the README names every option of an elector", () => {
    const named = tableOf(readProjectFile("README.md"), "| Option |").map(([name = ""]) => name);
    const options = membersOf("src/elector/options.ts", "ElectorOptions");
    expect(named.flatMap(termsOf)).toEqual(options);
  });

  test("the README and the index of the docs name the page of every store", () => {
    const all = readdirSync(new URL("../docs/stores/", import.meta.url)).sort();
    // Its index is no store's page.
    const pages = all.filter((page) => page !== "README.md");
    expect(pages.length).toBeGreaterThan(10);
    const stores = /docs\/stores\/([a-z-]+\.md)\)/g;
    expect(namedBy(stores, "README.md")).toEqual(expect.arrayContaining(pages));
    expect(namedBy(/\(stores\/([a-z-]+\.md)\)/g, "docs/README.md")).toEqual(
      expect.arrayContaining(pages),
    );
  });

  test("the architecture names the folder of every store", () => {
    const all = readdirSync(new URL("../src/stores/", import.meta.url), { withFileTypes: true });
    const folders = all.filter((each) => each.isDirectory()).map(({ name }) => name);
    const [, tree = ""] = readProjectFile("ARCHITECTURE.md").split("\n  stores/\n");
    const [own = ""] = tree.split(/\n {2}\S/, 1);
    expect(own.match(/[a-z-]+(?=\/)/g)).toEqual(expect.arrayContaining(folders));
  });

  test("the README names every method of an elector", () => {
    const calls = tableOf(readProjectFile("README.md"), "| Member |").map(([call = ""]) => call);
    const named = calls.flatMap(termsOf).map((call) => call.replace(/\(.*/, ""));
    const methods = Object.getOwnPropertyNames(Elector.prototype);
    expect(named).toEqual(expect.arrayContaining(methods.filter((name) => name !== "constructor")));
  });

  test.each([
    ["memory", "memory-store.ts", "MemoryStoreOptions"],
    ["redis", "redis-options.ts", "RedisStoreOptions"],
    ["sqlite", "sqlite-store.ts", "SqliteStoreOptions"],
    ["nats", "nats-options.ts", "NatsStoreOptions"],
    ["consul", "consul-options.ts", "ConsulStoreOptions"],
    ["zookeeper", "zookeeper-options.ts", "ZookeeperStoreOptions"],
    ["dynamodb", "dynamodb-options.ts", "DynamodbStoreOptions"],
    ["etcd", "etcd-options.ts", "EtcdStoreOptions"],
    ["kubernetes", "kubernetes-options.ts", "KubernetesStoreOptions"],
  ])("the page of the %s store names every option", (store, file, interfaceName) => {
    expect(optionsOf(store)).toEqual(membersOf(`src/stores/${store}/${file}`, interfaceName));
  });

  test.each([
    ["postgres", "PostgresStoreOptions"],
    ["mysql", "MysqlStoreOptions"],
  ])("the page of the %s store names the options of SQL, and its own", (store, interfaceName) => {
    expect(optionsOf(store)).toEqual([
      ...membersOf("src/stores/sql/sql-options.ts", "SqlStoreOptions"),
      ...membersOf(`src/stores/${store}/${store}-options.ts`, interfaceName),
    ]);
  });

  test("the table of tuning.md follows from the options", () => {
    const rows = tableOf(readProjectFile("docs/guide/tuning.md"), "| `ttl` | Renewal every |");
    expect(rows.length).toBe(7);
    for (const [ttl = "", ...cells] of rows) {
      const { timing } = parseOptions({ ttl: duration(ttl) }, true);
      const trusted = timing.ttl - timing.margin;
      const interval = timing.renewalInterval;
      const [renewal = "", margin = "", window = "", gap = "", outage = "", block = ""] = cells;
      const durations = [renewal, margin, window, ...gap.split(" to "), outage, block];
      expect(durations.map(duration)).toEqual([
        ...[interval, timing.margin, trusted],
        ...[timing.ttl - interval, timing.ttl],
        ...[trusted - 1.5 * interval, trusted - interval],
      ]);
      const [ofLeader, ofFollower] = cells.slice(6).map(Number);
      expect(ofLeader).toBeCloseTo(1000 / interval, 1);
      expect(ofFollower).toBeCloseTo(1000 / trusted, 1);
    }
  });
});

/** What the pattern finds in a page, once each. */
function namedBy(pattern: RegExp, page: string): readonly string[] {
  const found = [...readProjectFile(page).matchAll(pattern)].map(([, name = ""]) => name);
  return [...new Set(found)];
}

/** The options that the page of a store names. */
function optionsOf(store: string): string[] {
  const rows = tableOf(readProjectFile(`docs/stores/${store}.md`), "| Option |");
  return rows.flatMap(([name = ""]) => termsOf(name));
}

/** `1.5 s` and `300 ms`, in ms. */
function duration(text: string): number {
  const [amount, unit] = text.split(" ");
  return Math.round(Number(amount) * (unit === "s" ? 1000 : 1));
}
