import { expect, test } from "vitest";
import { generateScenario } from "../../simulation/generate.ts";
import type { Scenario } from "../../simulation/scenario.ts";
import { shrink } from "../../simulation/shrink.ts";
import { simulate } from "../../simulation/simulate.ts";
import { brokenBySlowClocks } from "./slow-clocks.ts";

test("a run that breaks a promise is cut down to what it takes to break it", async () => {
  const scenario = await brokenBySlowClocks();
  const short = await shrink(scenario);
  expect(short.violation?.invariant, `seed ${scenario.seed}`).toBe("I4");
  expect(short.scenario.actions.length).toBeLessThan(scenario.actions.length);
  expect(Object.keys(short.scenario.fates ?? {}).length).toBeLessThan(10);
  expect(short.transcript.at(-1)).toContain("VIOLATION of I4");

  const stored: Scenario = JSON.parse(JSON.stringify(short.scenario));
  const again = await simulate(stored, { transcript: true });
  expect(again.transcript).toEqual(short.transcript);
}, 60_000);

test("a run that breaks no promise is given back as it is", async () => {
  const scenario = generateScenario(1);
  const same = await shrink(scenario);
  expect(same.violation).toBeUndefined();
  expect(same.scenario).toBe(scenario);
  expect(same.transcript.length).toBeGreaterThan(0);
});
