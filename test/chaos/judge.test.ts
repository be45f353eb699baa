import { describe, expect, test } from "vitest";
import type { Message } from "../faults/candidate-process.ts";
import { Judge } from "./judge.ts";

const elected = (token: number, at: number, until: number): Message => ({
  type: "elected",
  ...{ token, at, until, says: true },
});
const deposed = (token: number, at: number): Message => ({
  type: "deposed",
  ...{ token, at, says: false },
});

function judgeOf(...heard: [name: string, message: Message][]): Judge {
  const judge = new Judge();
  for (const [name, message] of heard) judge.hear(name, message);
  return judge;
}

describe("the judge accepts", () => {
  test("terms one after the other, whichever is heard of first", () => {
    const judge = judgeOf(
      ["b", elected(2, 210, 300)],
      ["a", elected(1, 100, 190)],
      ["a", { type: "renewed", at: 150, until: 240 }],
      ["a", deposed(1, 200)],
    );
    judge.read({ name: "a", token: 1, checked: 199 });
    judge.read({ name: "b", token: 2, checked: 211 });
    expect(judge.takeViolations()).toEqual([]);
  });

  test("a write that was overtaken, if its writer says so or was killed", () => {
    const judge = judgeOf(["a", elected(1, 100, 190)], ["b", elected(2, 210, 300)]);
    judge.read({ name: "b", token: 2, checked: 211 });
    judge.read({ name: "a", token: 1, checked: 189 });
    judge.read({ name: "a", token: 1, checked: 188 });
    judge.hear("a", { type: "late-write", at: 250, token: 1, checked: 189 });
    judge.killed("a");
    expect(judge.takeViolations()).toEqual([]);
    expect(judge.written).toEqual({ lines: 3, late: 2 });
  });

  test("the same if the file is read after what its writer said", () => {
    const judge = judgeOf(["a", elected(1, 100, 190)], ["b", elected(2, 210, 300)]);
    judge.hear("a", { type: "late-write", at: 250, token: 1, checked: 189 });
    judge.killed("a");
    judge.read({ name: "b", token: 2, checked: 211 });
    judge.read({ name: "a", token: 1, checked: 189 });
    judge.read({ name: "a", token: 1, checked: 188 });
    expect(judge.takeViolations()).toEqual([]);
    expect(judge.written).toEqual({ lines: 3, late: 2 });
  });

  test("a process that was killed while it led, and another under the same roof", () => {
    const judge = judgeOf(["a.1", elected(1, 100, 190)]);
    judge.killed("a.1");
    judge.hear("a.2", elected(2, 200, 290));
    expect(judge.takeViolations()).toEqual([]);
  });
});

describe("the judge finds", () => {
  test.each<[what: string, judge: () => Judge]>([
    [
      "led at the same time",
      () => judgeOf(["a", elected(1, 100, 190)], ["b", elected(2, 189, 300)]),
    ],
    [
      "led at the same time",
      () =>
        judgeOf(
          ["a", elected(1, 100, 190)],
          ["a", { type: "renewed", at: 150, until: 240 }],
          ["b", elected(2, 200, 300)],
        ),
    ],
    [
      "the token did not grow",
      () =>
        judgeOf(["a", elected(2, 100, 190)], ["a", deposed(2, 150)], ["b", elected(1, 200, 300)]),
    ],
    [
      "led with token 1",
      () =>
        judgeOf(["a", elected(1, 100, 190)], ["a", deposed(1, 150)], ["b", elected(1, 200, 300)]),
    ],
    [
      "a reported a gain twice",
      () => judgeOf(["a", elected(1, 100, 190)], ["a", elected(2, 200, 290)]),
    ],
    ["a reported a loss without a gain", () => judgeOf(["a", deposed(1, 100)])],
    [
      "a reported a loss without a gain",
      () => judgeOf(["a", elected(1, 100, 190)], ["a", deposed(1, 150)], ["a", deposed(1, 150)]),
    ],
    [
      "gain while isLeader() said no",
      () => judgeOf(["a", { ...elected(1, 100, 190), says: false }]),
    ],
    [
      "loss while isLeader() said yes",
      () => judgeOf(["a", elected(1, 100, 190)], ["a", { ...deposed(1, 150), says: true }]),
    ],
    ["a renewed what it does not lead", () => judgeOf(["a", { type: "renewed", at: 1, until: 9 }])],
    ["a: oh no", () => judgeOf(["a", { type: "unhandled", at: 1, message: "oh no" }])],
  ])("%s", (what, judge) => {
    expect(judge().takeViolations()).toEqual([expect.stringContaining(what)]);
  });

  test("a write between two terms of others, also if no candidate reported the term", () => {
    const judge = judgeOf(["a", elected(1, 100, 190)], ["c", elected(3, 300, 390)]);
    judge.read({ name: "b", token: 2, checked: 150 });
    expect(judge.takeViolations()).toEqual([
      "a (token 1) and b (token 2) led at the same time, for 40.0 ms",
    ]);
  });

  test.each(["before", "after"])(
    "a write after the loss was reported, when it is read %s",
    (order) => {
      const judge = judgeOf(["a", elected(1, 100, 190)]);
      if (order === "after") judge.hear("a", deposed(1, 150));
      judge.read({ name: "a", token: 1, checked: 151 });
      if (order === "before") judge.hear("a", deposed(1, 150));
      expect(judge.takeViolations()).toEqual(["a wrote with token 1 after it reported its loss"]);
    },
  );

  test("a write that was overtaken, without a reason", () => {
    const judge = judgeOf(["a", elected(1, 100, 190)], ["b", elected(2, 210, 300)]);
    judge.read({ name: "b", token: 2, checked: 211 });
    judge.read({ name: "a", token: 1, checked: 189 });
    expect(judge.takeViolations()).toEqual(["a wrote with token 1 after a write with 2"]);
  });
});
