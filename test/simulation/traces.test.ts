import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Scenario } from "../../simulation/scenario.ts";
import { simulate } from "../../simulation/simulate.ts";

const folder = new URL("./traces/", import.meta.url);

// Each was found by seed and cut down, and broke a promise when it was stored.
describe("no promise is broken any more by", () => {
  for (const name of readdirSync(folder).sort()) {
    test(name.replace(".json", "").replaceAll("-", " "), async () => {
      const scenario: Scenario = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
      const { violation, transcript } = await simulate(scenario, { transcript: true });
      expect(violation, transcript.join("\n")).toBeUndefined();
    });
  }
});
