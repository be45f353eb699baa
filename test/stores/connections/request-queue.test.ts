import { beforeEach, describe, expect, test } from "vitest";
import type { AskedRequest, Question } from "../../../src/stores/connections/asked-request.ts";
import type { CommandConnection } from "../../../src/stores/connections/command-connection.ts";
import { CommandConnections } from "../../../src/stores/connections/command-connections.ts";
import { RequestQueue } from "../../../src/stores/connections/request-queue.ts";
import type { StoreRequest } from "../../../src/stores/lease-store.ts";
import { ManualClock, settle } from "../../support/manual-clock.ts";
import { kind, type Wire, wires } from "./wires.ts";

type Name = "acquire" | "renew" | "read";
type Request = AskedRequest<Name, string>;

/** A call that waits for the test to end it. */
interface Call {
  readonly line: CommandConnection<string>;
  readonly requests: readonly Request[];
  /** Answers all but these, which travel again. */
  end(again?: readonly Request[]): Promise<void>;
}

let clock: ManualClock;
let all: Wire[];
let calls: Call[];
let queue: RequestQueue<Name, string, string>;
let room: number;
/** The not-afters that a connection was sought for. */
let sought: (number | undefined)[];
let areShared: boolean;
let fits: (request: Request, taken: readonly Request[]) => boolean;

beforeEach(() => {
  clock = new ManualClock();
  calls = [];
  room = 100;
  sought = [];
  areShared = true;
  fits = () => true;
  const { all: opened, open } = wires();
  all = opened;
  const lines = new CommandConnections(kind, open, () => {});
  queue = new RequestQueue<Name, string, string>(
    kind,
    {
      lines,
      seek: (wait) => {
        sought.push(wait.notAfter);
        return lines.seek(wait);
      },
      close: async () => lines.close(),
    },
    {
      get areShared() {
        return areShared;
      },
      roomFor: () => room,
      fits: (request, taken) => fits(request, taken),
      carryOut: (line, requests) =>
        new Promise((resolve) => {
          const end = async (again: readonly Request[] = []) => {
            for (const request of requests) {
              if (!again.includes(request)) request.resolve(`to ${request.request.key}`);
            }
            resolve(again);
            await settle();
          };
          calls.push({ line, requests, end });
        }),
    },
    (ms, fire) => clock.timer(clock.now() + ms, fire),
  );
});

function question(
  name: Name,
  key: string,
  request: Partial<StoreRequest> = {},
  more: Partial<Question<Name, string, string>> = {},
): Question<Name, string, string> {
  const { signal } = new AbortController();
  return {
    ...{ name, fields: [], parse: (reply) => reply },
    request: { key, clock, notAfter: clock.now() + 600, signal, ...request },
    ...more,
  };
}

/** What becomes of a request: its answer, or its error. */
const ask = (...args: Parameters<typeof question>) =>
  queue.ask(question(...args)).catch((error: unknown) => error);

const keysOf = (call: Call | undefined) => call?.requests.map(({ request }) => request.key);

/** The first connection has come about. */
async function connect(): Promise<void> {
  void ask("read", "first");
  await settle();
  all[0]?.come();
  await settle();
  await calls.shift()?.end();
}

describe("requests of one tick", () => {
  test("travel in one call, once there is a connection", async () => {
    const answers = [ask("read", "a"), ask("read", "b")];
    await settle();
    expect([all.length, calls.length]).toEqual([1, 0]);
    all[0]?.come();
    await settle();
    expect(calls.map(keysOf)).toEqual([["a", "b"]]);
    await calls[0]?.end();
    expect(await Promise.all(answers)).toEqual(["to a", "to b"]);
  });

  test("seek a connection once, and again for one that has less time", async () => {
    for (const notAfter of [600, 900, 300, 300]) void ask("read", "a", { notAfter });
    await settle();
    expect(sought).toEqual([600, 300]);
    void ask("read", "b", { notAfter: 900 });
    expect(sought).toEqual([600, 300, 900]);
  });

  test("let those that only candidates have go last", async () => {
    await connect();
    void ask("acquire", "candidate");
    void ask("renew", "leader");
    await settle();
    expect(calls.map(keysOf)).toEqual([["leader"]]);
    await calls[0]?.end();
    expect(calls.map(keysOf)).toEqual([["leader"], ["candidate"]]);
  });

  test("are as many in a call as have room in it", async () => {
    await connect();
    room = 2;
    for (const key of ["a", "b", "c"]) void ask("read", key);
    await settle();
    await calls[0]?.end();
    expect(calls.map(keysOf)).toEqual([["a", "b"], ["c"]]);
  });

  test("are in one call only if they fit together, in their order", async () => {
    await connect();
    fits = ({ request }, taken) => taken.every((other) => other.request.key !== request.key);
    for (const key of ["a", "b", "a", "c"]) void ask("read", key);
    await settle();
    await calls[0]?.end();
    expect(calls.map(keysOf)).toEqual([
      ["a", "b"],
      ["a", "c"],
    ]);
  });

  test("are no more than a thousand or so, also if they are short", async () => {
    await connect();
    room = Number.POSITIVE_INFINITY;
    for (let count = 0; count < 2000; count += 1) void ask("read", "a");
    await settle();
    expect(keysOf(calls[0])?.length).toBeLessThan(1500);
  });

  test("are at most about 64 KiB, unless one alone is longer", async () => {
    await connect();
    const fields = ["x".repeat(20_000), "y".repeat(20_000)];
    for (const key of ["a", "b"]) void ask("read", key, {}, { fields });
    void ask("read", "long", {}, { fields: ["z".repeat(100_000)] });
    await settle();
    await calls[0]?.end();
    await calls[1]?.end();
    expect(calls.map(keysOf)).toEqual([["a"], ["b"], ["long"]]);
    for (const key of ["c", "d"]) void ask("read", key, {}, { fields: ["x".repeat(32_000)] });
    await settle();
    await calls[2]?.end();
    expect(keysOf(calls[3])).toEqual(["c", "d"]);
  });
});

describe("requests that come while a call is on its way", () => {
  test("wait for it, and travel together then", async () => {
    await connect();
    void ask("read", "a");
    await settle();
    void ask("read", "b");
    await settle();
    void ask("read", "c");
    await settle();
    expect(calls.map(keysOf)).toEqual([["a"]]);
    await calls[0]?.end();
    expect(calls.map(keysOf)).toEqual([["a"], ["b", "c"]]);
  });

  test("wait for it as long as one of its requests is waited for", async () => {
    await connect();
    const controller = new AbortController();
    const given = ask("read", "given", { signal: controller.signal });
    void ask("read", "kept");
    await settle();
    for (const request of calls[0]?.requests ?? []) request.onEnd = () => {};
    controller.abort();
    expect(await given).toMatchObject({ applied: "maybe" });
    void ask("read", "next");
    await settle();
    expect(calls.map(keysOf)).toEqual([["given", "kept"]]);
  });

  test("do not wait if a call has but one request", async () => {
    await connect();
    areShared = false;
    room = 1;
    void ask("read", "a");
    void ask("read", "b");
    await settle();
    expect(calls.map(keysOf)).toEqual([["a"], ["b"]]);
  });

  test("do not wait for one that is waited for no longer", async () => {
    await connect();
    const controller = new AbortController();
    const given = ask("read", "a", { signal: controller.signal });
    await settle();
    for (const request of calls[0]?.requests ?? []) request.onEnd = () => {};
    controller.abort();
    expect(await given).toMatchObject({
      message: "The server did not answer in time.",
      applied: "maybe",
    });
    void ask("read", "b");
    await settle();
    expect(calls.map(keysOf)).toEqual([["a"], ["b"]]);
  });
});

describe("a request that has to travel again", () => {
  test("goes before those that came after it", async () => {
    await connect();
    const answer = ask("read", "a");
    await settle();
    void ask("read", "b");
    await settle();
    await calls[0]?.end(calls[0].requests);
    expect(calls.map(keysOf)).toEqual([["a"], ["a", "b"]]);
    await calls[1]?.end();
    expect(await answer).toBe("to a");
  });

  test("travels once more, and not twice", async () => {
    await connect();
    areShared = false;
    void ask("read", "a");
    await settle();
    await calls[0]?.end(calls[0].requests);
    await clock.advance(1);
    expect(calls.map(keysOf)).toEqual([["a"], ["a"]]);
  });

  test("waits for as long as it was asked to, and others do not wait for it", async () => {
    await connect();
    const answer = ask("read", "a");
    await settle();
    for (const request of calls[0]?.requests ?? []) request.pause = 20;
    void ask("read", "b");
    await calls[0]?.end(calls[0].requests);
    expect(calls.map(keysOf)).toEqual([["a"], ["b"]]);
    await calls[1]?.end();
    await clock.advance(19);
    expect(calls).toHaveLength(2);
    await clock.advance(1);
    expect(keysOf(calls[2])).toEqual(["a"]);
    expect(calls[2]?.requests[0]?.pause).toBe(0);
    await calls[2]?.end();
    expect(await answer).toBe("to a");
  });

  test("fails if all is closed meanwhile", async () => {
    await connect();
    const answer = ask("read", "a");
    await settle();
    for (const request of calls[0]?.requests ?? []) request.pause = 20;
    await calls[0]?.end(calls[0].requests);
    await queue.close();
    expect(await answer).toMatchObject({ message: "the connection was closed", applied: "no" });
    await clock.advance(100);
    expect([calls.length, clock.armed]).toEqual([1, 0]);
  });
});

describe("a request that waits", () => {
  test("fails when all is closed, and was not sent", async () => {
    const answers = [ask("read", "a"), ask("acquire", "b")];
    await settle();
    await queue.close();
    for (const answer of answers) {
      expect(await answer).toMatchObject({ message: "the connection was closed", applied: "no" });
    }
    expect(all[0]?.isEnded).toBe(true);
  });

  test("fails with its signal, and says that there was no connection", async () => {
    const controller = new AbortController();
    const answer = ask("read", "a", { signal: controller.signal });
    await settle();
    controller.abort();
    expect(await answer).toMatchObject({ message: "not connected in time", applied: "no" });
    all[0]?.come();
    await settle();
    expect(calls).toEqual([]);
  });

  test("is not even kept if no process waits for it", async () => {
    const gone = {
      code: "INCUMBENT_STORE_TIMEOUT",
      message: "The time for this request was over before it was sent.",
      applied: "no",
    };
    expect(await ask("read", "a", { signal: AbortSignal.abort() })).toMatchObject(gone);
    expect(await ask("read", "a", { isAwaited: false })).toMatchObject(gone);
    expect(all).toEqual([]);
  });

  test("is not sent if its elector has given it up, and those behind it are", async () => {
    const asked = question("renew", "gone", { isAwaited: true });
    const gone = queue.ask(asked).catch((error: unknown) => error);
    void ask("renew", "kept");
    await settle();
    Object.assign(asked.request, { isAwaited: false });
    all[0]?.come();
    expect(await gone).toMatchObject({
      message: "The time for this request was over before it was sent.",
      applied: "no",
    });
    await settle();
    expect(calls.map(keysOf)).toEqual([["kept"]]);
  });

  test("makes no call if its elector has given it up, and no other request waits for it", async () => {
    const asked = (["renew", "acquire"] as const).map((name) =>
      question(name, "gone", { isAwaited: true }),
    );
    const gone = asked.map((each) => queue.ask(each).catch((error: unknown) => error));
    await settle();
    for (const { request } of asked) Object.assign(request, { isAwaited: false });
    all[0]?.come();
    for (const each of gone) {
      expect(await each).toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT", applied: "no" });
    }
    expect(calls).toEqual([]);
  });

  test("is not ended by its signal if its elector says whether it waits", async () => {
    const controller = new AbortController();
    const answer = ask("renew", "a", { isAwaited: true, signal: controller.signal });
    await settle();
    controller.abort();
    all[0]?.come();
    await settle();
    await calls[0]?.end();
    expect(await answer).toBe("to a");
  });

  test("is left out of a call whose first request is waited for", async () => {
    const asked = question("renew", "gone", { isAwaited: true });
    void ask("renew", "kept");
    const gone = queue.ask(asked).catch((error: unknown) => error);
    await settle();
    Object.assign(asked.request, { isAwaited: false });
    all[0]?.come();
    expect(await gone).toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT", applied: "no" });
    expect(calls.map(keysOf)).toEqual([["kept"]]);
  });

  test("fails by the failure of its connection, and the next one tries another", async () => {
    const answers = [ask("read", "a"), ask("read", "b")];
    await settle();
    all[0]?.refuse(new Error("refused"));
    for (const answer of answers) {
      expect(await answer).toMatchObject({ message: "refused", applied: "no" });
    }
    const later = ask("read", "c");
    await settle();
    expect(all).toHaveLength(2);
    all[1]?.come();
    await settle();
    await calls[0]?.end();
    expect(await later).toBe("to c");
  });
});

describe("the time of an elector's request", () => {
  const ofElector = { isAwaited: true };

  test("is over with its not-after, on its way and before", async () => {
    await connect();
    const onItsWay = ask("renew", "a", ofElector);
    await settle();
    const waiting = ask("renew", "b", ofElector);
    await settle();
    await clock.advance(598);
    expect(await Promise.race([onItsWay, waiting, settle()])).toBeUndefined();
    await clock.advance(2);
    expect(await onItsWay).toMatchObject({
      code: "INCUMBENT_STORE_TIMEOUT",
      message: "The server did not answer in time.",
      applied: "maybe",
    });
    expect(await waiting).toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT", applied: "no" });
  });

  test.each([
    [250, 600],
    [600, 250],
  ])("is over with the not-after of each, of %i ms and of %i ms", async (...times) => {
    await connect();
    const ended: number[] = [];
    for (const notAfter of times) {
      const answer = ask("renew", "a", { ...ofElector, notAfter });
      void answer.then(() => ended.push(notAfter));
    }
    await settle();
    await clock.advance(249);
    expect(ended).toEqual([]);
    await clock.advance(1);
    expect(ended).toEqual([250]);
  });

  test("is over with it also if another request has less time, and a signal", async () => {
    await connect();
    void ask("read", "a", { notAfter: 200 });
    const answer = ask("renew", "b", { ...ofElector, notAfter: 250 });
    await clock.advance(250);
    expect(await Promise.race([answer, settle()])).toMatchObject({
      ...{ code: "INCUMBENT_STORE_TIMEOUT", applied: "maybe" },
    });
  });

  test("is not over a millisecond before", async () => {
    await connect();
    const answer = ask("renew", "a", { ...ofElector, notAfter: 101 });
    await settle();
    await clock.advance(100);
    expect(await Promise.race([answer, settle()])).toBeUndefined();
    await clock.advance(1);
    expect(await Promise.race([answer, settle()])).toMatchObject({ applied: "maybe" });
  });

  test("is over for a candidate as well", async () => {
    await connect();
    void ask("renew", "a");
    await settle();
    const waiting = ask("acquire", "b", ofElector);
    await settle();
    await clock.advance(600);
    expect(await Promise.race([waiting, settle()])).toMatchObject({
      ...{ code: "INCUMBENT_STORE_TIMEOUT", applied: "no" },
    });
  });

  test("wakes the process no more once it is over, while others of its call wait on", async () => {
    await connect();
    const over = ask("renew", "a", { ...ofElector, notAfter: 101 });
    void ask("renew", "b", { ...ofElector, notAfter: 10_000 });
    await settle();
    await clock.advance(101);
    expect(await over).toMatchObject({ applied: "maybe" });
    expect(clock.untilNext).toBeGreaterThan(1000);
  });

  test("is over on its way also if something else was answered meanwhile", async () => {
    await connect();
    const answer = ask("renew", "a", ofElector);
    await settle();
    const other = calls[0]?.line.request("command").answer;
    all[0]?.sent[0]?.answer("of no interest");
    await other;
    await settle();
    await clock.advance(600);
    expect(await Promise.race([answer, settle()])).toMatchObject({ applied: "maybe" });
  });

  test("is over for one that waits also if an attempt to connect has failed meanwhile", async () => {
    const answer = ask("renew", "a", ofElector);
    await settle();
    await clock.advance(200);
    expect(all).toHaveLength(2);
    all[0]?.refuse(new Error("refused"));
    await settle();
    await clock.advance(400);
    expect(await Promise.race([answer, settle()])).toMatchObject({
      ...{ message: "refused", applied: "no" },
    });
  });

  test("is used for another connection when an answer is overdue", async () => {
    await connect();
    void ask("renew", "a", ofElector);
    await settle();
    calls[0]?.line.request("command").answer.catch(() => {});
    void ask("renew", "b", ofElector);
    await settle();
    await clock.advance(205);
    expect(all).toHaveLength(2);
    all[1]?.come();
    await settle();
    expect(calls.map(keysOf)).toEqual([["a"], ["b"]]);
    expect(calls[1]?.line).not.toBe(calls[0]?.line);
  });

  test("is not that of others, which have a signal", async () => {
    await connect();
    const onItsWay = ask("read", "a");
    await settle();
    const waiting = ask("read", "b");
    await clock.advance(5000);
    expect(await Promise.race([onItsWay, waiting, settle()])).toBeUndefined();
    await calls[0]?.end();
    expect(await onItsWay).toBe("to a");
  });

  test("keeps no timer when all is answered", async () => {
    await connect();
    const answer = ask("renew", "a", ofElector);
    await settle();
    expect(clock.armed).toBe(1);
    await calls[0]?.end();
    expect([await answer, clock.armed]).toEqual(["to a", 0]);
  });
});

describe("a renewal that is asked for again before it was sent", () => {
  const again = (notAfter: number) =>
    ask("renew", "a", { isAwaited: true, notAfter }, { renews: "nonce" });

  test("is sent once, with the later not-after, and its answer is that of both", async () => {
    await connect();
    void ask("read", "before");
    await settle();
    const answers = [again(600), again(900)];
    await settle();
    await calls[0]?.end();
    expect(calls[1]?.requests.map(({ request }) => request.notAfter)).toEqual([900]);
    await calls[1]?.end();
    expect(await Promise.all(answers)).toEqual(["to a", "to a"]);
  });

  test("is sent again if the earlier one was sent", async () => {
    await connect();
    void again(600);
    await settle();
    void again(900);
    await settle();
    await calls[0]?.end();
    expect(calls.map(keysOf)).toEqual([["a"], ["a"]]);
  });

  test("is sent anew if all was closed before", async () => {
    const closed = again(600);
    await settle();
    await queue.close();
    expect(await closed).toMatchObject({ applied: "no" });
    const answer = again(600);
    await settle();
    all[1]?.come();
    await settle();
    await calls[0]?.end();
    expect(await answer).toBe("to a");
  });

  test("is one of its own if the lease is another, or if it has a signal", async () => {
    await connect();
    void ask("read", "before");
    await settle();
    void again(600);
    void ask("renew", "a", { isAwaited: true }, { renews: "another" });
    void ask("renew", "a", {}, { renews: "nonce" });
    void ask("renew", "a", { isAwaited: true });
    await settle();
    await calls[0]?.end();
    expect(keysOf(calls[1])).toEqual(["a", "a", "a", "a"]);
  });

  test("is one of its own if an earlier one has a signal, which would take it along", async () => {
    await connect();
    void ask("read", "before");
    await settle();
    void ask("renew", "a", {}, { renews: "nonce" });
    void again(600);
    await settle();
    await calls[0]?.end();
    expect(keysOf(calls[1])).toEqual(["a", "a"]);
  });

  test("is one of its own if the earlier one asks for something else", async () => {
    await connect();
    void ask("read", "before");
    await settle();
    void ask("read", "a", { isAwaited: true }, { renews: "nonce" });
    void again(600);
    await settle();
    await calls[0]?.end();
    expect(keysOf(calls[1])).toEqual(["a", "a"]);
  });

  test("takes the place of one that was given up, and is asked for again as any other", async () => {
    await connect();
    void ask("read", "before");
    await settle();
    const asked = question("renew", "a", { isAwaited: true }, { renews: "nonce" });
    const gone = queue.ask(asked).catch((error: unknown) => error);
    await settle();
    Object.assign(asked.request, { isAwaited: false });
    void again(900);
    await settle();
    expect(await gone).toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT", applied: "no" });
    void again(950);
    await settle();
    await calls[0]?.end();
    expect(calls[1]?.requests.map(({ request }) => request.notAfter)).toEqual([950]);
  });
});
