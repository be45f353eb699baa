import { expect, test } from "vitest";
import type { Hint } from "../../src/stores/lease-store.ts";
import { TestStore } from "../../src/testing/test-store.ts";
import { ManualClock } from "../../src/testing.ts";

test("a link that is cut lets no hint through, and the others do", async () => {
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

test("a link is in use while somebody watches", () => {
  const link = new TestStore(new ManualClock()).link();
  expect(link.isInUse).toBe(false);
  const unwatch = link.watch("k", () => {});
  expect(link.isInUse).toBe(true);
  unwatch();
  expect(link.isInUse).toBe(false);
});

test("a hint that is on its way reaches nobody who has stopped watching", async () => {
  const store = new TestStore(new ManualClock());
  const heard: Hint[] = [];
  const unwatch = store.link().watch("k", (hint) => heard.push(hint));
  store.steal("k");
  unwatch();
  await Promise.resolve();
  expect(heard).toEqual([]);
});
