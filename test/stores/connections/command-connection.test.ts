import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import { CommandConnection } from "../../../src/stores/connections/command-connection.ts";
import { settle } from "../../support/manual-clock.ts";
import { elsewhere, kind, Wire } from "./wires.ts";

/** One connection, what it has reported, and the time, which the test decides. */
async function stage({ ready = true, at = 0 } = {}) {
  const time = { ms: at };
  const reported: unknown[] = [];
  let wire: Wire | undefined;
  const line = new CommandConnection<string>(
    kind,
    (events) => {
      wire = new Wire(events);
      return wire;
    },
    { now: () => time.ms },
    {
      ready: () => reported.push("ready"),
      heard: () => reported.push("heard"),
      over: (_, error) => reported.push(error instanceof Error ? error.message : error),
    },
  );
  if (wire === undefined) throw new Error("no connection was opened");
  if (ready) wire.come();
  await settle();
  return { time, reported, line, wire };
}

/** What becomes of it. */
const fateOf = (answer: Promise<unknown>) => answer.catch((error: unknown) => error);
const { signal } = new AbortController();

describe("a connection", () => {
  test("is ready when it has come about, and reports each answer", async () => {
    const { line, wire, reported } = await stage({ ready: false });
    expect([line.isReady, line.isConnecting]).toEqual([false, true]);
    wire.come();
    await settle();
    expect([line.isReady, line.isConnecting]).toEqual([true, false]);
    const answer = line.send("PING", { signal });
    expect(wire.sent[0]?.command).toBe("PING");
    wire.sent[0]?.answer("PONG");
    expect(await answer).toBe("PONG");
    expect(reported).toEqual(["ready", "heard"]);
  });

  test("that does not come about is over, by the reason for that", async () => {
    const { line, wire, reported } = await stage({ ready: false });
    wire.refuse(new Error("refused"));
    await settle();
    expect([line.isReady, line.isConnecting, wire.isEnded]).toEqual([false, false, true]);
    expect(reported).toEqual(["refused"]);
    line.end();
    expect(reported).toEqual(["refused"]);
  });

  test("that is lost is over, and so is all that it owes, of which nothing is known", async () => {
    const { line, wire, reported } = await stage();
    const fates = [fateOf(line.send("a", { signal })), fateOf(line.request("b").answer)];
    wire.events.lost(new Error("reset"));
    expect([line.isReady, wire.isEnded, reported]).toEqual([false, true, ["ready", "reset"]]);
    for (const fate of fates) {
      expect(await fate).toMatchObject({
        ...{ code: "INCUMBENT_STORE_UNAVAILABLE", message: "reset", applied: "maybe" },
      });
    }
    expect(reported).toEqual(["ready", "reset"]);
  });

  test("that is lost just when it comes about is never ready", async () => {
    const { line, wire, reported } = await stage({ ready: false });
    wire.events.lost();
    expect([line.isConnecting, reported]).toEqual([true, []]);
    wire.come();
    await settle();
    expect([line.isReady, reported]).toEqual([false, ["the connection was lost"]]);
  });

  test("that is ended before it comes about is not ready afterwards", async () => {
    const { line, wire, reported } = await stage({ ready: false });
    line.end(new Error("too slow"));
    wire.come();
    await settle();
    expect([line.isReady, reported]).toEqual([false, ["too slow"]]);
  });

  test("that is ended without an error has failed in nothing, except for what it owes", async () => {
    const { line, reported } = await stage();
    const fate = fateOf(line.send("a", { signal }));
    line.end();
    expect(await fate).toMatchObject({ message: "the connection was closed", applied: "maybe" });
    expect(reported).toEqual(["ready", undefined]);
  });
});

describe("its silence", () => {
  test("begins when it is opened, and ends when it is ready", async () => {
    const { time, line, wire } = await stage({ ready: false });
    time.ms = 300;
    expect(line.silence).toBe(300);
    wire.come();
    await settle();
    expect([line.silence, line.took]).toEqual([0, 300]);
  });

  test("is that since the last answer, or since it began to owe one", async () => {
    const { time, line, wire } = await stage();
    time.ms = 1000;
    expect(line.silence).toBe(0);
    const answers = [line.send("a", { signal })];
    time.ms = 1100;
    answers.push(line.send("b", { signal }));
    time.ms = 1300;
    expect(line.silence).toBe(300);
    wire.sent[0]?.answer(1);
    await answers[0];
    expect([line.silence, line.took]).toEqual([0, 300]);
    time.ms = 1350;
    expect(line.silence).toBe(50);
    wire.sent[1]?.answer(2);
    await answers[1];
    time.ms = 2000;
    expect([line.silence, line.took]).toEqual([0, 250]);
  });
});

describe("it is outdated", () => {
  test("a second after it was opened, if it led elsewhere", async () => {
    const { time, line, wire } = await stage({ at: 500 });
    const fate = fateOf(line.send("SET", { signal }));
    wire.sent[0]?.fail(elsewhere());
    expect(await fate).toMatchObject({ message: "read-only" });
    time.ms = 1499;
    expect(line.isOutdated).toBe(false);
    time.ms = 1500;
    expect(line.isOutdated).toBe(true);
  });

  test.each([
    ["it could not send", "INCUMBENT_STORE_UNAVAILABLE", "no", true],
    ["something may have been sent", "INCUMBENT_STORE_UNAVAILABLE", "maybe", false],
    ["something else was wrong", "INCUMBENT_STORE_TIMEOUT", "no", false],
  ] as const)("or not, if %s", async (_what, code, applied, isOutdated) => {
    const { time, line } = await stage();
    line.doubt(new StoreError(code, "what it says", { applied }));
    time.ms = 5000;
    expect(line.isOutdated).toBe(isOutdated);
    line.doubt(elsewhere());
    line.doubt(new StoreError(code, "what it says", { applied }));
    expect(line.isOutdated).toBe(true);
  });

  test("but never for what it could not send before it was ready", async () => {
    const { time, line } = await stage({ ready: false });
    line.doubt(new StoreError("INCUMBENT_STORE_UNAVAILABLE", "not yet", { applied: "no" }));
    time.ms = 5000;
    expect(line.isOutdated).toBe(false);
  });
});

describe("a connection that gives way", () => {
  test("ends at once if it owes nothing", async () => {
    const { line, wire } = await stage();
    line.retire();
    expect(wire.isEnded).toBe(true);
  });

  test("ends when the last answer that is waited for has come, or is waited for no longer", async () => {
    const { line, wire } = await stage();
    const [one, other] = [line.request("a"), line.request("b")];
    line.retire();
    wire.sent[0]?.answer(1);
    expect(await one.answer).toBe(1);
    await settle();
    one.forgo();
    expect(wire.isEnded).toBe(false);
    const fate = fateOf(other.answer);
    other.forgo();
    expect(wire.isEnded).toBe(true);
    expect(await fate).toMatchObject({ applied: "maybe" });
  });

  test("does not end because answers came before it", async () => {
    const { line, wire } = await stage();
    const { answer, forgo } = line.request("a");
    wire.sent[0]?.answer(1);
    await answer;
    forgo();
    await settle();
    expect(wire.isEnded).toBe(false);
  });
});

describe("a command whose signal is aborted", () => {
  const unanswered = {
    code: "INCUMBENT_STORE_TIMEOUT",
    message: "The server did not answer in time.",
    applied: "maybe",
  };

  test("fails then, and may have been carried out", async () => {
    const { line, wire } = await stage();
    const controller = new AbortController();
    const fate = fateOf(line.send("a", controller));
    controller.abort();
    expect(await fate).toMatchObject(unanswered);
    line.retire();
    expect(wire.isEnded).toBe(true);
  });

  test("fails at once if it was before", async () => {
    const { line } = await stage();
    expect(await fateOf(line.send("a", { signal: AbortSignal.abort() }))).toMatchObject(unanswered);
  });

  test("leaves nothing on it once it was answered", async () => {
    const { line, wire } = await stage();
    const controller = new AbortController();
    const answer = line.send("a", controller);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    wire.sent[0]?.answer(1);
    await answer;
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });
});
