import { getEventListeners } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { Asked, sendFor, unasked } from "../../../src/stores/connections/asked-request.ts";
import { CommandConnection } from "../../../src/stores/connections/command-connection.ts";
import type { StoreRequest } from "../../../src/stores/lease-store.ts";
import { settle } from "../../support/manual-clock.ts";
import { request } from "../../support/requests.ts";
import { kind, Wire } from "./wires.ts";

function asked(fields: Partial<StoreRequest> = {}, parse = (reply: string) => reply.length) {
  const question = { name: "read" as const, request: request("key", fields), fields: ["a"], parse };
  return new Asked<"read", string, number>(kind, question);
}

const fateOf = (answer: Promise<unknown>) => answer.catch((error: unknown) => error);

describe("a request", () => {
  test("is new until it has travelled", () => {
    const { opened, company, introductions, pause, onEnd, isAwaited } = asked();
    expect({ opened, company, introductions, pause, onEnd, isAwaited }).toEqual({
      ...{ opened: 0, company: Number.POSITIVE_INFINITY, introductions: 0, pause: 0 },
      ...{ onEnd: undefined, isAwaited: true },
    });
  });

  test("has the answer that is made of its first reply", async () => {
    const one = asked();
    one.resolve("four");
    one.resolve("longer");
    one.reject(new Error("late"));
    expect([await one.answer, one.isAwaited]).toEqual([4, false]);
  });

  test("reads no reply after its first, since to read one may be to ask anew", async () => {
    let read = 0;
    const one = asked({}, () => {
      read += 1;
      return read;
    });
    one.resolve("four");
    one.resolve("five");
    expect([read, await one.answer]).toEqual([1, 1]);
  });

  test("fails if its reply makes no sense", async () => {
    const one = asked({}, () => {
      throw new TypeError("no sense");
    });
    one.resolve("four");
    expect(await fateOf(one.answer)).toMatchObject({ message: "no sense" });
    expect(one.isAwaited).toBe(false);
  });

  test("reports its end once, whatever it is", () => {
    for (const end of ["resolve", "reject"] as const) {
      const one = asked();
      one.answer.catch(() => {});
      let ends = 0;
      one.onEnd = () => {
        ends += 1;
      };
      one[end]("four");
      one[end]("four");
      expect([ends, one.onEnd]).toEqual([1, undefined]);
    }
  });

  test("is awaited as its elector says, and if it says nothing, as its signal does", () => {
    expect(asked({ isAwaited: false }).isAwaited).toBe(false);
    expect(asked({ signal: AbortSignal.abort() }).isAwaited).toBe(false);
    expect(asked({ signal: AbortSignal.abort(), isAwaited: true }).isAwaited).toBe(true);
  });

  test("that follows its signal fails with it, before it was sent and while it is in a call", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const [waiting, sent, answered] = [asked({ signal }), asked({ signal }), asked({ signal })];
    sent.onEnd = () => {};
    for (const one of [waiting, sent, answered]) one.follow(unasked);
    answered.resolve("four");
    controller.abort();
    expect(await fateOf(waiting.answer)).toMatchObject({ applied: "no" });
    expect(await fateOf(sent.answer)).toMatchObject({ applied: "maybe" });
    expect(await answered.answer).toBe(4);
  });

  test("leaves nothing on its signal when it has ended, which may be one for the whole process", () => {
    const { signal } = new AbortController();
    const one = asked({ signal });
    one.follow(unasked);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    one.resolve("four");
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("that is asked again is read as the later question is", async () => {
    const one = asked();
    const later = { name: "read" as const, request: request("later"), fields: ["b"] };
    one.askAgain({ ...later, parse: () => 7 });
    one.resolve("four");
    expect([one.request.key, one.fields, await one.answer]).toEqual(["later", ["b"], 7]);
  });
});

describe("a command for several requests", () => {
  async function send(...requests: ReturnType<typeof asked>[]) {
    let wire: Wire | undefined;
    const line = new CommandConnection<string>(
      kind,
      (events) => {
        wire = new Wire(events);
        return wire;
      },
      { now: () => 0 },
      { ready: () => {}, heard: () => {}, over: () => {} },
    );
    wire?.come();
    await settle();
    onTestFinished(() => line.end());
    sendFor(line, "command", requests).catch(() => {});
    line.retire();
    return { isWaitedFor: () => line.isReady };
  }

  test("is waited for until the last of them has ended", async () => {
    const [one, other] = [asked(), asked()];
    const { isWaitedFor } = await send(one, other);
    one.resolve("four");
    expect(isWaitedFor()).toBe(true);
    other.reject(new Error("over"));
    other.answer.catch(() => {});
    expect(isWaitedFor()).toBe(false);
  });

  test("is not waited for by one that had ended before", async () => {
    const [one, other] = [asked(), asked()];
    one.resolve("four");
    const { isWaitedFor } = await send(one, other);
    expect([isWaitedFor(), one.onEnd]).toEqual([true, undefined]);
    other.resolve("four");
    expect(isWaitedFor()).toBe(false);
  });
});
