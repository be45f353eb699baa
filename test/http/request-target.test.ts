import { expect, test } from "vitest";
import { pathAndQueryOf, pathOf } from "../../src/http/request-target.ts";

test.each([
  ["/x?a=b", "/x?a=b", "/x"],
  ["/x?a?b", "/x?a?b", "/x"],
  ["//host/x", "//host/x", "//host/x"],
  ["http://host/x?a=b", "/x?a=b", "/x"],
  ["HTTPS://host", "/", "/"],
])("the path of %s stands alone", (target, pathAndQuery, path) => {
  expect([pathAndQueryOf(target), pathOf(target)]).toEqual([pathAndQuery, path]);
});

test.each(["*", "", "host:443", "ftp://host/x", "x-http://host/x", "see http://host/x", "http://"])(
  "%j has no path",
  (target) => {
    expect([pathAndQueryOf(target), pathOf(target)]).toEqual([undefined, undefined]);
  },
);
