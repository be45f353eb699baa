import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestElection } from "../../src/testing/test-election.ts";
import { readProjectFile } from "./declarations.ts";
import { codeBlocksOf } from "./markdown.ts";
import { type Snippet, SnippetProgram } from "./snippets.ts";

const name = "docs/guide/testing.md";
const page = readProjectFile(name);
const blocks = codeBlocksOf(page).filter(({ info }) => info === "ts");

/** The first example with what it needs of the reader's own. */
const scheduler = `
async function startScheduler(elector: Elector) {
  elector.onLeadershipChange(() => {});
  await elector.start();
  return { get isRunning() { return elector.isLeader(); } };
}`;

const snippets: Snippet[] = blocks.map(({ code, line }, index) => ({
  name: `testing-${index}`,
  code: code.replace(/^declare function startScheduler.*$/m, scheduler),
  place: { page: name, line },
}));

describe("the programs on the page", () => {
  let program: SnippetProgram;

  beforeAll(() => {
    program = new SnippetProgram(snippets);
  }, 120_000);

  afterAll(() => rmSync(program.folder, { recursive: true, force: true }));

  test("end as they should", async () => {
    expect(program.complaints()).toEqual([]);
    const outputs: string[] = [];
    for (const snippet of snippets) {
      const script = program.emit(snippet.name);
      const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 20_000 });
      outputs.push(stdout);
    }
    expect(outputs).toEqual([
      expect.stringContaining("# pass 1\n"),
      expect.stringContaining("# pass 1\n"),
      expect.stringContaining("# pass 1\n"),
      "true\n",
    ]);
  }, 120_000);
});

test("the page names every verb", () => {
  const verbs = Object.getOwnPropertyNames(TestElection.prototype);
  const named = new Set([...page.matchAll(/election\.(\w+)\(/g)].map(([, verb]) => verb));
  expect([...named].sort()).toEqual(verbs.filter((verb) => verb !== "constructor").sort());
});
