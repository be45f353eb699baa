import { expect, test } from "vitest";
import type { Hint } from "../../src/stores/lease-store.ts";
import { TestStore } from "../../src/testing/test-store.ts";
import { ManualClock } from "../../src/testing.ts";

test("a cut link delivers no hint, and other links still do", async () => {
  const store = new TestStore(new ManualClock());
  const [cut, whole] = [store.link(), store.link()];
  const heard: [who: string, hint: Hint][] = [];
  cut.watch("k", (hint) => heard.push(["cut", hint]));
  whole.watch("k", (hint) => heard.push(["whole", hint]));
  cut.isCut = true;
  store.steal("k");
  await Promise.resolve();
  expect(heard).toEqual([["whole", "changed"]]);
});

test("a link is in use while it has a listener", () => {
  const link = new TestStore(new ManualClock()).link();
  expect(link.isInUse).toBe(false);
  const unwatch = link.watch("k", () => {});
  expect(link.isInUse).toBe(true);
  unwatch();
  expect(link.isInUse).toBe(false);
});

test("a hint under way does not reach a listener that has stopped watching", async () => {
  const store = new TestStore(new ManualClock());
  const heard: Hint[] = [];
  const unwatch = store.link().watch("k", (hint) => heard.push(hint));
  store.steal("k");
  unwatch();
  await Promise.resolve();
  expect(heard).toEqual([]);
});
