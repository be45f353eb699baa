import { expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import { type Session, Sessions } from "../../../src/stores/registers/sessions.ts";
import { settle } from "../../support/manual-clock.ts";

/** A session that a test ends. */
class FakeSession implements Session {
  isClosed = false;
  #end: (error?: unknown) => void = () => {};

  onEnd(listener: (error?: unknown) => void): void {
    this.#end = listener;
  }

  close(): void {
    this.isClosed = true;
  }

  fail(error: unknown): void {
    this.#end(error);
  }
}

const never = () => new Promise<never>(() => {});

function openSessions() {
  const opened: FakeSession[] = [];
  const sessions = new Sessions("Etna", async () => {
    opened.push(new FakeSession());
    return opened.at(-1) ?? new FakeSession();
  });
  const time = { now: 0 };
  const ended = new AbortController();
  const { signal } = ended;
  /** Of a question that has 1200 ms. */
  const wait = () => ({ clock: { now: () => time.now }, notAfter: time.now + 1200, signal });
  return { opened, sessions, time, wait, ended };
}

test("questions share a session", async () => {
  const { opened, sessions, wait } = openSessions();
  const asked = [1, 2].map((answer) => sessions.ask(async () => answer, wait()));
  expect(await Promise.all(asked)).toEqual([1, 2]);
  expect(opened).toHaveLength(1);
});

test("when an answer is overdue, the next question goes around it, and the old session ends with its question", async () => {
  const { opened, sessions, time, wait, ended } = openSessions();
  const unanswered = sessions.ask(never, wait()).catch((error: unknown) => error);
  await expect.poll(() => opened.length).toBe(1);
  time.now = 150;
  expect(await sessions.ask(async (session) => opened.indexOf(session), wait())).toBe(0);
  // A sixth of its time after the last answer.
  time.now = 351;
  expect(await sessions.ask(async (session) => opened.indexOf(session), wait())).toBe(1);
  expect(opened.map(({ isClosed }) => isClosed)).toEqual([false, false]);
  ended.abort();
  expect(await unanswered).toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT", applied: "maybe" });
  await expect.poll(() => opened.map(({ isClosed }) => isClosed)).toEqual([true, false]);
});

test("what is asked when a session ends fails with why, and the next question opens another", async () => {
  const { opened, sessions, wait } = openSessions();
  const asked = sessions.ask(never, wait()).catch((error: unknown) => error);
  await expect.poll(() => opened.length).toBe(1);
  opened[0]?.fail(new Error("it erupted, redis://:hush@etna"));
  expect(await asked).toMatchObject({
    ...{ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "maybe" },
    message: "The connection to Etna failed: it erupted, redis://:***@etna.",
  });
  expect(await sessions.ask(async (session) => opened.indexOf(session), wait())).toBe(1);
});

test("a session that ends as soon as it is open is not asked, and the next question opens another", async () => {
  let opens = 0;
  const sessions = new Sessions("Etna", async () => {
    opens += 1;
    const isShort = opens === 1;
    const session: Session = { onEnd: (listener) => void (isShort && listener()), close() {} };
    return session;
  });
  const { wait } = openSessions();
  await expect(sessions.ask(async () => "asked", wait())).rejects.toMatchObject({ applied: "no" });
  expect(await sessions.ask(async () => "asked", wait())).toBe("asked");
});

test("an error of the store's own stays what it is", async () => {
  const { sessions, wait } = openSessions();
  const refused = new StoreError("INCUMBENT_STORE_REFUSED", "It is full.", { applied: "no" });
  await expect(sessions.ask(() => Promise.reject(refused), wait())).rejects.toBe(refused);
});

test("close() ends what is open, what is being opened, and what was asked", async () => {
  let open: (session: FakeSession) => void = () => {};
  let isGivenUp = false;
  const sessions = new Sessions<FakeSession>("Etna", (signal) => {
    signal.addEventListener("abort", () => {
      isGivenUp = true;
    });
    return new Promise((resolve) => {
      open = resolve;
    });
  });
  const { wait } = openSessions();
  const asked = sessions.ask(never, wait()).catch((error: unknown) => error);
  await sessions.close();
  expect(await asked).toMatchObject({ applied: "no" });
  expect(isGivenUp).toBe(true);
  // One that comes about nevertheless is closed.
  const late = new FakeSession();
  open(late);
  await expect.poll(() => late.isClosed).toBe(true);
});

test("a session that cannot be opened fails the question with why, and the next one tries again", async () => {
  let opens = 0;
  const sessions = new Sessions("Etna", async () => {
    opens += 1;
    if (opens === 1) throw "no way up";
    return new FakeSession();
  });
  const { wait } = openSessions();
  await expect(sessions.ask(async () => "asked", wait())).rejects.toMatchObject({
    code: "INCUMBENT_STORE_UNAVAILABLE",
    message: "The connection to Etna failed: no way up.",
    detail: "no way up",
    applied: "no",
  });
  expect(await sessions.ask(async () => "asked", wait())).toBe("asked");
});

test("close() waits for sessions that take their time to end, also if they fail to", async () => {
  const ended: string[] = [];
  const closes = [
    async () => {
      await settle();
      ended.push("slowly");
    },
    async () => {
      await settle();
      ended.push("badly");
      throw new Error("it will not end");
    },
  ];
  for (const close of closes) {
    const sessions = new Sessions("Etna", async () => ({ onEnd: () => {}, close }));
    await sessions.ask(async () => "asked", openSessions().wait());
    await sessions.close();
    await sessions.close();
  }
  expect(ended).toEqual(["slowly", "badly"]);
});

test("without a clock of its own, a question has that of this process", async () => {
  const { opened, sessions } = openSessions();
  const { signal } = new AbortController();
  expect(await sessions.ask(async (session) => opened.indexOf(session), { signal })).toBe(0);
});

test("what the server refuses does not cost the session", async () => {
  const { opened, sessions, time, wait } = openSessions();
  const refused = new StoreError("INCUMBENT_STORE_REFUSED", "It is full.", { applied: "no" });
  await expect(sessions.ask(() => Promise.reject(refused), wait())).rejects.toBe(refused);
  time.now = 5000;
  expect(await sessions.ask(async (session) => opened.indexOf(session), wait())).toBe(0);
  expect(opened).toHaveLength(1);
});
