import { describe, expect, test } from "vitest";
import { runSettings } from "../../../src/cli/run/settings.ts";

const settings = (options: object) => runSettings({ key: "job", ...options }, ["true"]);

describe("the settings of run", () => {
  test.each([
    [{}, undefined, false],
    [{ once: true }, undefined, true],
    [{ try: true }, 0, true],
    [{ wait: "1.5s" }, 1500, true],
    [{ wait: "0s" }, 0, true],
  ])(
    "with %j have a patience of %j ms, and end with the first term: %j",
    (given, patience, once) => {
      expect(settings(given)).toMatchObject({ patience, once });
    },
  );

  test("refuse --try together with --wait", () => {
    expect(() => settings({ try: true, wait: "1s" })).toThrow("give one of the two");
  });
});
