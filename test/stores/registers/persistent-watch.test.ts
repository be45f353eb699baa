import { describe, expect, test, vi } from "vitest";
import type { Timer } from "../../../src/stores/connections/timer.ts";
import type { Cell } from "../../../src/stores/observed/register.ts";
import type { WatchAttempt } from "../../../src/stores/registers/persistent-watch.ts";
import { RegisterWatches } from "../../../src/stores/registers/register-watches.ts";
import { settle } from "../../support/manual-clock.ts";

const cell = (version: string): Cell => ({ version, record: undefined });

/** One watch, whose attempts and timers the test has in its hand. */
class Stage {
  readonly heard: string[] = [];
  readonly attempts: WatchAttempt<Cell>[] = [];
  readonly pauses: number[] = [];
  #due: { ms: number; fire: () => void }[] = [];
  /** How many timers there were. */
  armed = 0;
  readonly #timer: Timer = (ms, fire) => {
    this.armed += 1;
    const due = { ms, fire };
    this.#due.push(due);
    return () => {
      this.#due = this.#due.filter((each) => each !== due);
    };
  };
  readonly watches = new RegisterWatches<Cell>(this.#timer);
  readonly end = this.watches.begin(
    "billing",
    {
      onCell: ({ version }) => this.heard.push(version),
      onInterrupted: () => this.heard.push("interrupted"),
    },
    async (attempt) => void this.attempts.push(attempt),
  );

  get attempt(): WatchAttempt<Cell> {
    const last = this.attempts.at(-1);
    if (last === undefined) throw new Error("there was no attempt");
    return last;
  }

  get timers(): number {
    return this.#due.length;
  }

  /** The next timer is due. */
  fire(): void {
    const [due] = this.#due.splice(0, 1);
    if (due === undefined) throw new Error("there is no timer");
    this.pauses.push(due.ms);
    due.fire();
  }
}

describe("a watch of a register", () => {
  test("reports an interruption only if it was live, and begins anew", () => {
    const stage = new Stage();
    stage.attempt.fail();
    expect(stage.heard).toEqual([]);
    stage.fire();
    stage.attempt.report(cell("1"));
    stage.attempt.fail();
    stage.fire();
    stage.attempt.report(cell("2"));
    expect(stage.heard).toEqual(["1", "interrupted", "2"]);
    expect(stage.attempts).toHaveLength(3);
  });

  test("pauses longer after each failure, up to two seconds, and briefly once it was live", () => {
    const stage = new Stage();
    for (let failures = 0; failures < 8; failures += 1) {
      stage.attempt.fail();
      stage.fire();
    }
    stage.attempt.report(cell("1"));
    stage.attempt.fail();
    stage.fire();
    expect(stage.pauses).toEqual([50, 100, 200, 400, 800, 1600, 2000, 2000, 50]);
  });

  test("hears nothing of an attempt that is over", () => {
    const stage = new Stage();
    const first = stage.attempt;
    first.fail();
    first.fail();
    first.report(cell("1"));
    expect(stage.timers).toBe(1);
    stage.fire();
    expect(first.signal.aborted).toBe(true);
    expect(stage.attempt.signal.aborted).toBe(false);
    expect(stage.heard).toEqual([]);
  });

  test("fails when an expected sign does not come", () => {
    const stage = new Stage();
    stage.attempt.report(cell("1"));
    stage.attempt.expectSign(700);
    stage.attempt.expectSign(800);
    expect(stage.timers).toBe(1);
    stage.fire();
    expect(stage.pauses).toEqual([800]);
    expect(stage.heard).toEqual(["1", "interrupted"]);
  });

  test("fails if it still shows what a request has shown to be old, and not if it has moved on", () => {
    const stage = new Stage();
    stage.attempt.report(cell("1"));
    stage.watches.doubt("billing", "0");
    stage.watches.doubt("another", "1");
    expect(stage.timers).toBe(0);
    stage.watches.doubt("billing", "1");
    stage.attempt.report(cell("2"));
    stage.fire();
    expect(stage.heard).toEqual(["1", "2"]);
    stage.watches.doubt("billing", "2");
    stage.fire();
    expect(stage.heard).toEqual(["1", "2", "interrupted"]);
  });

  test("keeps one timer and no listener, however many requests conflict while it lives", () => {
    const stage = new Stage();
    const added = vi.spyOn(stage.attempt.signal, "addEventListener");
    for (const version of ["1", "2", "3"]) {
      stage.attempt.report(cell(version));
      for (let conflicts = 0; conflicts < 20; conflicts += 1) {
        stage.watches.doubt("billing", version);
      }
    }
    expect(stage.timers).toBe(1);
    expect(added).not.toHaveBeenCalled();
    stage.end();
    expect(stage.timers).toBe(0);
  });

  test("takes what it cannot follow for a failure, and leaves no timer when it ends", async () => {
    const stage = new Stage();
    const end = stage.watches.begin("billing", { onCell: () => {}, onInterrupted: () => {} }, () =>
      Promise.reject(new Error("no such place")),
    );
    await settle();
    expect(stage.timers).toBe(1);
    end();
    stage.end();
    expect(stage.timers).toBe(0);
  });

  test("is doubted anew by each later version, and no longer by the earlier one", () => {
    const stage = new Stage();
    stage.attempt.report(cell("1"));
    stage.watches.doubt("billing", "1");
    stage.attempt.report(cell("2"));
    stage.watches.doubt("billing", "2");
    expect(stage.timers).toBe(1);
    stage.attempt.report(cell("1"));
    stage.fire();
    expect([stage.pauses, stage.heard]).toEqual([[2000], ["1", "2", "1"]]);
    stage.watches.doubt("billing", "1");
    stage.fire();
    expect(stage.heard.at(-1)).toBe("interrupted");
  });

  test("that failed meanwhile is not ended by a doubt from before", () => {
    const stage = new Stage();
    stage.attempt.report(cell("1"));
    stage.watches.doubt("billing", "1");
    stage.attempt.fail();
    expect(stage.timers).toBe(1);
    stage.fire();
    stage.attempt.report(cell("1"));
    expect([stage.timers, stage.heard]).toEqual([0, ["1", "interrupted", "1"]]);
  });

  test("waits for no sign of an attempt that is over, nor once any silence will do", () => {
    const stage = new Stage();
    const first = stage.attempt;
    first.expectSign(700);
    first.expectSign();
    expect(stage.timers).toBe(0);
    first.fail();
    first.expectSign(700);
    expect(stage.timers).toBe(1);
    stage.fire();
    expect(stage.pauses).toEqual([50]);
  });

  test("is doubted no longer after its end, and others of its election still are", () => {
    const stage = new Stage();
    const heard: string[] = [];
    const attempts: WatchAttempt<Cell>[] = [];
    const listener = { onCell: () => {}, onInterrupted: () => void heard.push("interrupted") };
    stage.watches.begin("billing", listener, async (attempt) => void attempts.push(attempt));
    stage.attempt.report(cell("1"));
    attempts[0]?.report(cell("1"));
    stage.end();
    stage.end();
    expect(stage.attempt.signal.aborted).toBe(true);
    stage.watches.doubt("billing", "1");
    expect(stage.timers).toBe(1);
    stage.fire();
    expect([stage.heard, heard]).toEqual([["1"], ["interrupted"]]);
  });

  test("is given no more time by further conflicts", () => {
    const stage = new Stage();
    stage.attempt.report(cell("1"));
    for (let conflicts = 0; conflicts < 5; conflicts += 1) stage.watches.doubt("billing", "1");
    expect(stage.armed).toBe(1);
  });

  test("goes on if an attempt before it fails late, or once more", () => {
    const stage = new Stage();
    const first = stage.attempt;
    first.fail();
    first.fail();
    stage.fire();
    expect(stage.pauses).toEqual([50]);
    stage.attempt.report(cell("1"));
    first.fail();
    expect([stage.heard, stage.attempt.signal.aborted]).toEqual([["1"], false]);
  });

  test("is doubted although one before it was ended twice", () => {
    const stage = new Stage();
    stage.end();
    const attempts: WatchAttempt<Cell>[] = [];
    const heard: string[] = [];
    const listener = { onCell: () => {}, onInterrupted: () => void heard.push("interrupted") };
    stage.watches.begin("billing", listener, async (attempt) => void attempts.push(attempt));
    stage.end();
    attempts[0]?.report(cell("1"));
    stage.watches.doubt("billing", "1");
    stage.fire();
    expect(heard).toEqual(["interrupted"]);
  });
});
