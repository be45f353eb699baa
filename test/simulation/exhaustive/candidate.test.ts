import { expect, test } from "vitest";
import { dispatch } from "../../../simulation/exhaustive/candidate.ts";
import { beginningOf } from "../../../simulation/exhaustive/explore.ts";
import { oneServer } from "../../../simulation/exhaustive/instances.ts";
import { withCandidate } from "../../../simulation/exhaustive/world.ts";

const instance = oneServer("", [1, 1], {});
const granted = { type: "granted", attempt: 1, token: 7, sentAt: 10 } as const;

test("a gain that follows a gain is a violation", () => {
  const world = beginningOf(instance);
  const [candidate] = world.candidates;
  if (candidate === undefined) throw new Error("There is no candidate.");
  expect(dispatch(instance, world, 0, granted).violation).toBe(undefined);
  const believing = withCandidate(world, 0, { ...candidate, believes: true });
  expect(dispatch(instance, believing, 0, granted).violation).toMatch(/^I5: c0 reports twice/);
});

test("a token that is not above the last one is a violation", () => {
  const world = { ...beginningOf(instance), lastToken: 7 };
  expect(dispatch(instance, world, 0, granted).violation).toBe("I2: token 7 follows token 7");
});
