import { expect, test } from "vitest";
import type { RedisNode } from "../../../src/stores/redis/redis-node.ts";
import { rejectSameServer } from "../../../src/stores/redis-quorum/same-server.ts";

/** Servers a, b and so on, by what is known of the process that each of them is. */
function reject(...runs: (string | undefined)[]): void {
  const nodes = runs.map((run, index) => ({
    name: String.fromCharCode("a".charCodeAt(0) + index),
    // Nothing else of it is asked for.
    server: { known: run === undefined ? undefined : { run } } as RedisNode,
  }));
  rejectSameServer(nodes);
}

test("two names that lead to one server are refused, and it may have voted", () => {
  expect(() => reject("1", "2", "1")).toThrow(
    expect.objectContaining({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: "a and c are the same Redis server, which would have two votes.",
      applied: "maybe",
    }),
  );
});

test("different servers are not, nor those of which nothing is known, or that have no guard", () => {
  for (const run of ["2", undefined, "unguarded"]) {
    expect(() => reject(run, "1", run === "2" ? "3" : run)).not.toThrow();
  }
});
