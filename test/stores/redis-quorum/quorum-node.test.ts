import { expect, test } from "vitest";
import { guardSettings } from "../../../src/stores/redis/guard-settings.ts";
import { QuorumNode } from "../../../src/stores/redis-quorum/quorum-node.ts";

/** A server that is asked on behalf of each of these attempts, and never answers. */
function asked(...nonces: (string | undefined)[]) {
  const node = new QuorumNode("s", "redis://127.0.0.1:1", guardSettings([], {}));
  const signals = nonces.map((nonce) => {
    const controller = new AbortController();
    const { signal } = controller;
    const ended = node.ask(
      controller,
      nonce,
      () =>
        new Promise<never>((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    );
    ended.catch(() => {});
    return signal;
  });
  return { node, signals };
}

test("a server is not behind before it was asked, nor while it is", () => {
  expect(asked().node.isBehind).toBe(false);
  expect(asked("one").node.isBehind).toBe(false);
});

test("what is on its way for an attempt ends with it, and nothing else does", () => {
  const { node, signals } = asked("one", undefined, "other");
  expect(node.revoke("one")).toBe(true);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false]);
  expect(signals[0]?.reason).toMatchObject({
    ...{ code: "INCUMBENT_STOPPED", message: "The attempt is over." },
  });
  expect(node.revoke("none")).toBe(false);
});

test("what was answered is not on its way any more", async () => {
  const { node } = asked();
  await node.ask(new AbortController(), "one", async () => "answer");
  expect(node.revoke("one")).toBe(false);
});

test("all that is on its way ends when the store is closed", async () => {
  const { node, signals } = asked("one", undefined);
  await node.close();
  expect(signals.map(({ reason }) => reason.message)).toEqual(
    Array(2).fill("The store was closed."),
  );
});

test("the connections of its own end when the store is closed", async () => {
  const { node } = asked();
  let closes = 0;
  node.server.close = async () => {
    closes += 1;
  };
  await node.close();
  expect(closes).toBe(1);
});
