import { expect, test } from "vitest";
import type { Hint } from "../../src/stores/lease-store.ts";
import { TestStore } from "../../src/testing/test-store.ts";
import { ManualClock } from "../../src/testing.ts";
import { settle } from "../support/manual-clock.ts";
import { acquireRequest, renewRequest } from "../support/requests.ts";

test("a cut link delivers no hint, and other links still do", async () => {
  const store = new TestStore(new ManualClock(), false);
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
  const link = new TestStore(new ManualClock(), false).link();
  expect(link.isInUse).toBe(false);
  const unwatch = link.watch("k", () => {});
  expect(link.isInUse).toBe(true);
  unwatch();
  expect(link.isInUse).toBe(false);
});

test("a hint under way does not reach a listener that has stopped watching", async () => {
  const store = new TestStore(new ManualClock(), false);
  const heard: Hint[] = [];
  const unwatch = store.link().watch("k", (hint) => heard.push(hint));
  store.steal("k");
  unwatch();
  await Promise.resolve();
  expect(heard).toEqual([]);
});

test("a hint reaches those alone who watch its key", async () => {
  const store = new TestStore(new ManualClock(), false);
  const heard: string[] = [];
  const link = store.link();
  link.watch("k", () => heard.push("k"));
  link.watch("other", () => heard.push("other"));
  store.steal("k");
  await Promise.resolve();
  expect(heard).toEqual(["k"]);
});

test("a request through a cut link is never answered, nor carried out", async () => {
  const clock = new ManualClock();
  const store = new TestStore(clock, true);
  const [cut, whole] = [store.link(), store.link()];
  const asked = acquireRequest("k", { clock });
  const answers: unknown[] = [];
  const note = (answer: unknown) => answers.push(answer);
  cut.isCut = true;
  void cut.acquire(asked).then(note);
  void cut.renew(renewRequest(asked, 1, { clock })).then(note);
  void cut.release(asked).then(note);
  void cut.read(asked).then(note);
  await settle();
  expect(answers).toEqual([]);
  expect(await whole.read(asked)).toBeUndefined();
});

test("the store of a test has the traits of one that never has two leaders", () => {
  const { traits } = new TestStore(new ManualClock(), false).link();
  expect(traits).toEqual({ name: "test", exclusion: "strict", tokens: "memory" });
});

test("a hint is of a change: a renewal causes none", async () => {
  const clock = new ManualClock();
  const link = new TestStore(clock, true).link();
  const heard: unknown[] = [];
  link.watch("k", (hint) => heard.push(hint));
  const asked = acquireRequest("k", { clock });
  expect(await link.acquire(asked)).toMatchObject({ granted: true, token: 1 });
  await link.renew(renewRequest(asked, 1, { clock }));
  await link.release(asked);
  await settle();
  expect(heard).toEqual(["changed", "released"]);
});
