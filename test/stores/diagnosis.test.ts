import { expect, test } from "vitest";
import { type Check, error, examine, ok, warning } from "../../src/stores/diagnosis.ts";
import type { Examination } from "../../src/stores/lease-store.ts";
import { examinationOf } from "../support/findings.ts";

async function all(checks: readonly Check[], given: Partial<Examination> = {}) {
  const found: string[] = [];
  for await (const { check, level, says } of examine(checks, examinationOf(given))) {
    found.push(`${level} ${check}: ${says}`);
  }
  return found;
}

const sound: Check = { name: "sound", run: () => [ok("Fine.")] };
const silent: Check = { name: "silent", isBrief: true, run: () => new Promise(() => {}) };
const broken: Check = {
  name: "broken",
  isBrief: true,
  run: () => {
    throw new Error("cannot reach redis://me:hush@a");
  },
};

/** Time is over at once. */
const atOnce = (_: number, fire: () => void) => {
  queueMicrotask(fire);
  return () => {};
};

test("a check that throws is an error without passwords, and the others run all the same", async () => {
  expect(await all([broken, sound])).toEqual([
    "error broken: The store failed: cannot reach redis://me:***@a.",
    "ok sound: Fine.",
  ]);
});

test("a check that never answers ends after its time, and its signal is aborted", async () => {
  let signal: AbortSignal | undefined;
  const heard: Check = {
    name: "silent",
    run: (examination) => {
      signal = examination.signal;
      return new Promise(() => {});
    },
  };
  expect(await all([heard], { timer: atOnce })).toEqual(["error silent: No answer within 3 s."]);
  expect(signal?.aborted).toBe(true);
});

test("an error of a vital check ends the examination, a warning does not", async () => {
  const lost: Check = { name: "lost", isVital: true, run: () => [error("Gone.")] };
  expect(await all([lost, sound])).toEqual(["error lost: Gone."]);
  const slow: Check = { name: "slow", isVital: true, run: () => [warning("Slow.", "Hurry.")] };
  expect(await all([slow, sound])).toEqual(["warning slow: Slow.", "ok sound: Fine."]);
});

test("a brief examination leaves out what is not brief, and ends without a word at a failure", async () => {
  const brief: Check = { ...sound, name: "brief", isBrief: true };
  expect(await all([sound, brief], { isBrief: true })).toEqual(["ok brief: Fine."]);
  expect(await all([broken, brief], { isBrief: true })).toEqual([]);
});

test("an examination that is aborted ends at once, and finds nothing more", async () => {
  const ended = new AbortController();
  const { signal } = ended;
  const asked = all([silent, sound], { signal });
  ended.abort();
  expect(await asked).toEqual([]);
  expect(await all([sound], { signal })).toEqual([]);
});
