import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNot } from "../../src/conformance/rule.ts";
import type { Declared } from "../../src/conformance/subject.ts";
import { rules } from "../../src/conformance.ts";
import { membersOf, readProjectFile } from "./declarations.ts";
import { codeBlocksOf, tableOf, termsOf } from "./markdown.ts";
import { type Snippet, SnippetProgram } from "./snippets.ts";

const name = "docs/guide/writing-a-store.md";
const page = readProjectFile(name);

/** What a reader who copies the blocks of one file has at the end. */
function fileOf(file: string): Snippet {
  const blocks = codeBlocksOf(page).filter(({ info }) => info === `ts ${file}`);
  const code = blocks.map((block) => block.code).join("\n");
  const line = blocks[0]?.line ?? 0;
  return { name: file.replace(/\.ts$/, ""), code, place: { page: name, line } };
}

describe("the store that the page builds", () => {
  let program: SnippetProgram;

  beforeAll(() => {
    program = new SnippetProgram([fileOf("document-store.ts"), fileOf("document-store.test.ts")]);
  }, 120_000);

  afterAll(() => rmSync(program.folder, { recursive: true, force: true }));

  test("type-checks", () => {
    expect(program.complaints()).toEqual([]);
  }, 120_000);

  test("passes the rules that the page says it passes", async () => {
    const script = program.emit("document-store.test");
    const flags = ["--test", "--test-reporter=tap"];
    const run = promisify(execFile)(process.execPath, [...flags, script], { timeout: 60_000 });
    // A failing run would be a rejection; what it prints is worth seeing.
    const { stdout } = await run.catch(({ stdout: tap }) => ({ stdout: String(tap) }));
    const failed = stdout.split("\n").filter((line) => line.includes("not ok"));
    expect(failed).toEqual([]);
    expect(stdout).toContain(`# pass ${rules.length}\n`);
    expect(stdout).toMatch(/ok .* - keys-are-listed: .*; does not apply: no list of keys declared/);
  }, 90_000);
});

describe("the page", () => {
  const everything: Declared = {
    ...{ exclusion: "strict", tokens: "clock", granularity: 1, wakeUp: true, keys: true },
    ...{ splitVotes: false, survivesRestart: true, guardsLostData: true, clock: "observer" },
  };
  const nothing: Declared = {
    ...{ exclusion: "advisory", tokens: "memory", granularity: 1, wakeUp: false, keys: false },
    ...{ splitVotes: false, survivesRestart: false, guardsLostData: false, clock: "server" },
  };

  test("lists every rule with its claim, in order", () => {
    const listed = tableOf(page, "| Rule | Claim |").map(([id = "", claim]) => [
      termsOf(id),
      claim,
    ]);
    expect(listed).toEqual(rules.map(({ id, title }) => [[id], title]));
  });

  test("says of every rule what it needs", () => {
    for (const [id = "", , need = ""] of tableOf(page, "| Rule | Claim |")) {
      const rule = rules.find((each) => each.id === termsOf(id)[0]);
      if (rule === undefined) throw new Error(`no rule ${id}`);
      const [needed] = termsOf(need);
      const [capability = "", value] = needed?.split(": ") ?? [];
      const declared = { ...nothing, [capability]: value === undefined ? true : JSON.parse(value) };
      expect(whyNot(rule, declared), id).toBeUndefined();
      expect(whyNot(rule, everything), id).toBeUndefined();
      expect(whyNot(rule, nothing) === undefined, id).toBe(needed === undefined);
    }
  });

  test.each([
    ["| Capability |", "StoreCapabilities"],
    ["| Of `setUp()` |", "StoreSetup"],
  ])("has a row for every member in its table %s", (header, interfaceName) => {
    const named = tableOf(page, header).flatMap(([cell = ""]) => termsOf(cell));
    const members = membersOf("src/conformance/subject.ts", interfaceName);
    expect(named.map((member) => member.replace("()", "")).sort()).toEqual(members.sort());
  });
});
