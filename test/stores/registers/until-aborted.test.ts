import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { untilAborted } from "../../../src/stores/registers/until-aborted.ts";
import { settle } from "../../support/manual-clock.ts";

const unanswered = {
  code: "INCUMBENT_STORE_TIMEOUT",
  message: "The store did not answer in time.",
  applied: "maybe",
};

test("an answer or a failure that comes in time is passed on, and nothing stays on the signal", async () => {
  const { signal } = new AbortController();
  const answer = settle().then(() => "here");
  expect(await untilAborted(answer, { signal })).toBe("here");
  const failure = new Error("no");
  await expect(untilAborted(Promise.reject(failure), { signal })).rejects.toBe(failure);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("what is not answered when the signal is aborted may have been carried out", async () => {
  const controller = new AbortController();
  const answer = untilAborted(new Promise(() => {}), controller);
  controller.abort();
  await expect(answer).rejects.toMatchObject(unanswered);
  const late = untilAborted(new Promise(() => {}), { signal: AbortSignal.abort() });
  await expect(late).rejects.toMatchObject(unanswered);
});
