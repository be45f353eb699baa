import { expect, test } from "vitest";
import { LeaderWatch } from "../../src/http/leader-watch.ts";
import { last, stage } from "../elector/stage.ts";
import { settle } from "../support/manual-clock.ts";

const lease = {
  ...{ nodeId: "leader", token: 3, since: 0, expiresIn: 900, ttl: 1000, metadata: undefined },
};

function watched() {
  const { store, elector, lead } = stage();
  const watch = new LeaderWatch(elector);
  const changes: string[] = [];
  const join = (name: string) => watch.join(() => changes.push(name));
  return { store, elector, lead, changes, join };
}

test("all that wait watch the store once, and hear of each change until they leave", async () => {
  const { store, changes, join } = watched();
  const leaveOne = join("one");
  const leaveOther = join("other");
  await settle();
  expect([store.watchers.size, store.reads.length]).toEqual([1, 1]);
  last(store.reads).answer(lease);
  await settle();
  expect(changes).toEqual(["one", "other"]);
  leaveOne();
  store.hint("changed");
  await settle();
  last(store.reads).answer({ ...lease, token: 4 });
  await settle();
  expect(changes).toEqual(["one", "other", "other"]);
  leaveOther();
  await settle();
  expect(store.watchers.size).toBe(0);
});

test("one that leaves twice does not end the watch of those that came after it", async () => {
  const { store, changes, join } = watched();
  const leave = join("one");
  leave();
  join("other");
  leave();
  await settle();
  expect(store.watchers.size).toBe(1);
  last(store.reads).answer(lease);
  await settle();
  expect(changes).toEqual(["other"]);
});

test("those that wait hear that this process was elected, and after they have left, no more", async () => {
  const { elector, lead, changes, join } = watched();
  const leave = join("one");
  await lead();
  expect(changes).toContain("one");
  leave();
  changes.length = 0;
  void elector.resign();
  await settle();
  expect(changes).toEqual([]);
});
