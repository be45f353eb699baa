import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { guardSettings } from "../../../src/stores/redis/guard-settings.ts";
import { repliesOf } from "../../../src/stores/redis-quorum/majority.ts";
import { QuorumNode } from "../../../src/stores/redis-quorum/quorum-node.ts";
import { askServers } from "../../../src/stores/redis-quorum/quorum-round.ts";

interface Call {
  readonly signal: AbortSignal;
  answer(reply: string): void;
  fail(error: Error): void;
}

/** Asks so many servers, which answer by hand; the first `enough` answers decide. */
function ask(count: number, enough: number, signal = new AbortController().signal) {
  const nodes = Array.from(
    { length: count },
    (_, index) =>
      new QuorumNode(`s${index}`, `redis://127.0.0.1:${index + 1}`, guardSettings([], {})),
  );
  const calls: Call[] = [];
  const send = (_: unknown, own: AbortSignal) =>
    new Promise<string>((answer, fail) => calls.push({ signal: own, answer, fail }));
  const outcome = askServers(nodes, { signal }, send, (answers) => {
    const replies = repliesOf(answers);
    if (answers.every(({ state }) => state === "failed")) throw new Error("all failed");
    return replies.length >= enough ? replies.join() : undefined;
  });
  const call = (index: number): Call => {
    const found = calls[index];
    if (found === undefined) throw new Error(`server ${index} was not asked`);
    return found;
  };
  const behind = () => nodes.map(({ isBehind }) => isBehind);
  return { outcome, call, behind };
}

/** Lets everything go on that waits for nothing. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the first answers that suffice decide, and the others fall behind until they answer", async () => {
  const { outcome, call, behind } = ask(3, 2);
  call(2).answer("c");
  call(0).answer("a");
  expect(await outcome).toBe("a,c");
  expect(behind()).toEqual([false, true, false]);
  call(1).answer("b");
  await settled();
  expect(behind()).toEqual([false, false, false]);
});

test("what is answered after the decision is not asked for a second time", async () => {
  const { outcome, call, behind } = ask(5, 2);
  for (const index of [0, 1]) call(index).answer("yes");
  await outcome;
  for (const index of [2, 3, 4]) call(index).answer("yes");
  await settled();
  expect(behind()).toEqual(Array(5).fill(false));
});

test("a server that has not answered yet is silent, and may be behind since an earlier question", async () => {
  const node = (port: number) =>
    new QuorumNode("s", `redis://127.0.0.1:${port}`, guardSettings([], {}));
  const [first, slow, late] = [node(1), node(2), node(3)];
  late.fallBehind();
  const { signal } = new AbortController();
  const send = (_: unknown, _own: AbortSignal, index: number) =>
    index === 0 ? Promise.resolve("yes") : new Promise<string>(() => {});
  const answers = await askServers([first, slow, late], { signal }, send, (all) => all);
  expect(answers).toEqual([
    { state: "said", reply: "yes" },
    { state: "silent", behind: false },
    { state: "silent", behind: true },
  ]);
});

test("a server that failed is behind until it answers the next time", async () => {
  const { outcome, call, behind } = ask(3, 2);
  call(1).fail(new Error("gone"));
  call(0).answer("a");
  call(2).answer("c");
  await outcome;
  expect(behind()).toEqual([false, true, false]);
});

test("what the last answer makes of it is thrown", async () => {
  const { outcome, call } = ask(2, 1);
  for (const index of [0, 1]) call(index).fail(new Error("gone"));
  await expect(outcome).rejects.toThrow("all failed");
});

test("eleven servers have one listener on the request's signal, until all have answered", async () => {
  const { signal } = new AbortController();
  const { outcome, call } = ask(11, 6, signal);
  const listeners = () => getEventListeners(signal, "abort").length;
  expect(listeners()).toBe(1);
  for (let index = 0; index < 6; index += 1) call(index).answer("yes");
  await outcome;
  expect(listeners()).toBe(1);
  for (let index = 6; index < 11; index += 1) call(index).answer("yes");
  await settled();
  expect(listeners()).toBe(0);
});

test("an abort reaches every server with its reason, also when it came before", async () => {
  const reason = new Error("too late");
  const controller = new AbortController();
  const { call } = ask(3, 2, controller.signal);
  controller.abort(reason);
  const before = ask(3, 2, AbortSignal.abort(reason));
  for (const index of [0, 1, 2]) {
    expect(call(index).signal.reason).toBe(reason);
    expect(before.call(index).signal.reason).toBe(reason);
  }
});
