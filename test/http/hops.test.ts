import { describe, expect, test } from "vitest";
import { countedTarget, forgetHops, withHops } from "../../src/http/hops.ts";

describe("the count in a target", () => {
  test.each([
    ["/x?incumbent-hops=2", "/x", 2],
    ["/x?incumbent-hops=12&a=b", "/x?a=b", 12],
    ["/x?a=b&incumbent-hops=2", "/x?a=b", 2],
    ["/x?a=b&incumbent-hops=2&c=d", "/x?a=b&c=d", 2],
  ])("of %s is taken out of it", (url, target, hops) => {
    expect(countedTarget(url, {})).toEqual({ target, hops });
  });

  test.each([
    "/x",
    "/x?my-incumbent-hops=2",
    "/x?incumbent-hops=2x",
    "/x?incumbent-hops=1000",
    "/x?incumbent-hops=",
  ])("is 0 for %s, which goes on as it is", (target) => {
    expect(countedTarget(target, {})).toEqual({ target, hops: 0 });
  });

  test("is read again as it was written, with and without another query", () => {
    expect(countedTarget(withHops("/x", 1), {})).toEqual({ target: "/x", hops: 1 });
    expect(countedTarget(withHops("/x?a=b", 20), {})).toEqual({ target: "/x?a=b", hops: 20 });
  });
});

test("the counts of a proxy and of a redirected client add up", () => {
  const headers = { "incumbent-hops": "11" };
  expect(countedTarget("/x?incumbent-hops=2", headers)).toEqual({ target: "/x", hops: 13 });
});

test.each(["x", "1x", "x1", "1000", "-1"])("a header that says %s counts for nothing", (header) => {
  expect(countedTarget("/x", { "incumbent-hops": header }).hops).toBe(0);
});

test.each([undefined, null, "incumbent-hops"])(
  "a query that was parsed to %j has no count to forget",
  (query) => {
    expect(() => forgetHops(query)).not.toThrow();
  },
);

test("a query that was parsed before has no count afterwards, and keeps the rest", () => {
  const query = { a: "b", "incumbent-hops": "2" };
  forgetHops(query);
  expect(query).toEqual({ a: "b" });
});
