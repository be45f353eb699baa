import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Chronicle, Diary } from "./chronicle.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "incumbent-chronicle-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a diary is read piece by piece, and a line only when it is complete", () => {
  const diary = new Diary(join(folder, "diary"));
  expect([...diary.read()]).toEqual([]);
  appendFileSync(diary.path, "a 1 10.5\nb 2 2");
  expect([...diary.read()]).toEqual([{ name: "a", token: 1, checked: 10.5 }]);
  appendFileSync(diary.path, "0.25\n");
  expect([...diary.read()]).toEqual([{ name: "b", token: 2, checked: 20.25 }]);
  const many = Array.from({ length: 20_000 }, (_, index) => `c 3 ${index}\n`);
  appendFileSync(diary.path, many.join(""));
  expect([...diary.read()].map(({ checked }) => checked)).toEqual([...many.keys()]);
});

test("the last events are told in the order in which they happened, not in which they were heard", async () => {
  const chronicle = new Chronicle(join(folder, "events"), 1000);
  chronicle.note(3000, "b", "second");
  chronicle.note(2000, "a", "first");
  expect(chronicle.last(10)).toMatch(/^ +1\.0000 s {2}a +first\n +2\.0000 s {2}b +second$/);
  await chronicle.close();
  expect(readFileSync(chronicle.path, "utf8").split("\n")).toHaveLength(3);
});
