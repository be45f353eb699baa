import { expect, test } from "vitest";
import { guardSettings } from "../../../../src/stores/redis/guard-settings.ts";
import type { ScriptName } from "../../../../src/stores/redis/script/redis-scripts.ts";
import { encodeCall } from "../../../../src/stores/redis/script/script-call.ts";
import type { ScriptRequest } from "../../../../src/stores/redis/script/script-request.ts";

const server = { run: "a:b", micros: 5_000_000, at: 1000, mode: "standalone", version: 7 };

const caller = {
  settings: guardSettings(["redis://127.0.0.1"], {}),
  acquaintance: { server, elsewhere: undefined },
  isStamped: false,
  keyPrefix: "",
  tag: "",
};

function asked(name: ScriptName, notAfter: number, fields: readonly string[]): ScriptRequest {
  const clock = { now: () => 1000 };
  const signal = new AbortController().signal;
  return {
    ...{ name, fields, request: { key: "job", clock, notAfter, signal }, renews: undefined },
    ...{ opened: 0, company: 1, introductions: 0, pause: 0, onEnd: undefined, isAwaited: true },
    ...{ resolve: () => {}, reject: () => {} },
  };
}

/** What the requests say, behind their keys and what the call says once. */
function said(requests: readonly ScriptRequest[]): string[] {
  return encodeCall(requests, caller).slice(1 + requests.length + 7);
}

const prolong = (notAfter: number, nonce: string, ttl = "2000") =>
  asked("prolong", notAfter, [nonce, ttl]);

test("short renewals that left within one ms say once how long they may take, and never too long", () => {
  expect(said([prolong(2000.9, "x"), prolong(2000.1, "y")])).toEqual([
    ...["prolong", "2", "6000000", "2000", "x", "y"],
  ]);
});

test("a short renewal keeps its own not-after and ttl if those before it have others", () => {
  expect(said([prolong(2000, "x"), prolong(1999.9, "y"), prolong(1999.5, "z", "3000")])).toEqual([
    ...["prolong", "1", "6000000", "2000", "x"],
    ...["prolong", "1", "5999000", "2000", "y"],
    ...["prolong", "1", "5999000", "3000", "z"],
  ]);
});

test("short renewals go in the order of their keys, also around other requests", () => {
  const release = asked("release", 2000, ["n", "1"]);
  expect(said([prolong(2000, "x"), release, prolong(2000, "y")])).toEqual([
    ...["prolong", "1", "6000000", "2000", "x"],
    ...["release", "n", "1"],
    ...["prolong", "1", "6000000", "2000", "y"],
  ]);
});
