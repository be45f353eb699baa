import { expect, test } from "vitest";
import { Elector } from "../../src/elector/elector.ts";
import { systemEnvironment } from "../../src/elector/environment.ts";
import { systemClock } from "../../src/elector/time/clock.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";
import { ScriptedStore } from "../support/scripted-store.ts";

const HEX = /^[0-9a-f]{32}$/;

test("an elector leads on the process's own clock, and nothing else has to be given", async () => {
  await using elector = new Elector(new MemoryStore(), "job");
  await elector.start();
  const term = await elector.waitForLeadership();
  expect(elector.isLeader()).toBe(true);
  expect(term.remaining()).toBeGreaterThan(0);
  expect(term.remaining()).toBeLessThanOrEqual(9000);
});

test("a node without a name gets a random one, each its own", () => {
  const names = [1, 2, 3].map(() => new Elector(new ScriptedStore(), "job").nodeId);
  for (const name of names) expect(name).toMatch(HEX);
  expect(new Set(names).size).toBe(3);
});

test("an attempt is 128 random bits, and a retry is spread by chance", () => {
  const { nonce, jitter } = systemEnvironment();
  const nonces = [nonce(), nonce(), nonce()];
  for (const one of nonces) expect(one).toMatch(HEX);
  expect(new Set(nonces).size).toBe(3);
  expect(new Set([jitter(), jitter(), jitter()]).size).toBeGreaterThan(1);
});

test("all electors of a process have one clock", () => {
  expect(systemEnvironment().clock).toBe(systemClock());
});
