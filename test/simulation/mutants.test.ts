import { expect, test } from "vitest";
import { mutated } from "./mutants/build.ts";
import { mutants } from "./mutants/mutants.ts";

// `npm run mutants` takes minutes; that a line was reworded is known at once.
test.each(mutants)("the mistake can still be made: $name", (mutant) => {
  expect(mutated(mutant)).toContain(mutant.replace[1]);
});
