import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { replay } from "./transcript.ts";

const folder = new URL("./scenarios/", import.meta.url);

// A reviewer reads the behaviour in the diff. `UPDATE_SCENARIOS=1 npx vitest run test/election`
// writes the transcripts anew.
describe("the election follows its transcripts", () => {
  for (const name of readdirSync(folder).sort()) {
    test(name.replace(".txt", "").replaceAll("-", " "), () => {
      const file = new URL(name, folder);
      const transcript = readFileSync(file, "utf8");
      const replayed = replay(transcript);
      if (process.env["UPDATE_SCENARIOS"] !== undefined) writeFileSync(file, replayed);
      else expect(replayed).toBe(transcript);
    });
  }
});
