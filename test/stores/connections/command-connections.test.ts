import { getEventListeners } from "node:events";
import { beforeEach, describe, expect, test } from "vitest";
import { unanswered } from "../../../src/stores/connections/command-connection.ts";
import { CommandConnections } from "../../../src/stores/connections/command-connections.ts";
import { settle } from "../../support/manual-clock.ts";
import { elsewhere, kind, type Wire, wires } from "./wires.ts";

let ms: number;
let all: Wire[];
let lines: CommandConnections<string>;
let reported: string[];

const clock = { now: () => ms };
/** A request that has 600 ms: an answer is missed after 100. */
const wait = () => ({ clock, notAfter: ms + 600, signal: new AbortController().signal });

beforeEach(() => {
  ms = 0;
  reported = [];
  const { all: opened, open } = wires();
  all = opened;
  lines = new CommandConnections(kind, open, () => reported.push("replaced"));
  lines.onChange = () => reported.push("change");
});

/** Opens a connection, which comes about. */
async function connect() {
  const opened = lines.seek(wait());
  all.at(-1)?.come();
  await settle();
  const line = lines.find(wait(), opened);
  if (line === undefined) throw new Error("there is no connection");
  reported = [];
  return line;
}

/** The connection owes an answer that is overdue. */
async function overdue() {
  const line = await connect();
  const { answer } = line.request("a");
  answer.catch(() => {});
  ms += 101;
  return { line, answer };
}

describe("a connection", () => {
  test("is opened for the first request, and serves all that come", async () => {
    const opened = lines.seek(wait());
    expect([opened, lines.seek(wait()), all.length]).toEqual([0, 1, 1]);
    expect(lines.find(wait(), opened)).toBeUndefined();
    all[0]?.come();
    await settle();
    expect(reported).toEqual(["change"]);
    expect(lines.find(wait(), opened)?.isReady).toBe(true);
    expect([lines.seek(wait()), all.length]).toEqual([1, 1]);
  });

  test("that does not come about fails the requests that sought it, and not one that came later", async () => {
    const first = lines.seek(wait());
    all[0]?.refuse(new Error("refused"));
    await settle();
    expect(reported).toEqual(["change"]);
    expect(() => lines.find(wait(), first)).toThrow(
      expect.objectContaining({
        ...{ code: "INCUMBENT_STORE_UNAVAILABLE", message: "refused", applied: "no" },
      }),
    );
    expect(all).toHaveLength(1);
    expect(lines.find(wait(), 1)).toBeUndefined();
    expect(all).toHaveLength(2);
  });

  test("that is lost is opened again by the next request", async () => {
    await connect();
    all[0]?.events.lost(new Error("reset"));
    expect(reported).toEqual(["change"]);
    const opened = lines.seek(wait());
    expect([opened, all.length]).toEqual([1, 2]);
    all[1]?.come();
    await settle();
    expect(lines.find(wait(), opened)?.isReady).toBe(true);
    expect(reported).not.toContain("replaced");
  });
});

describe("a connection whose answer is overdue", () => {
  test("is kept, and another is attempted beside it", async () => {
    const line = await connect();
    line.request("a").answer.catch(() => {});
    ms += 100;
    expect([lines.seek(wait()), all.length, lines.isOverdue(wait())]).toEqual([1, 1, false]);
    ms += 1;
    expect(lines.isOverdue(wait())).toBe(true);
    const opened = lines.seek(wait());
    expect([opened, all.length, all[0]?.isEnded]).toEqual([1, 2, false]);
    expect(lines.find(wait(), opened)).toBeUndefined();
    // While there is hope in the other one, there is no third.
    lines.seek(wait());
    expect(all).toHaveLength(2);
  });

  test("goes on if it answers first, and the attempt ends", async () => {
    const { line, answer } = await overdue();
    const opened = lines.seek(wait());
    all[0]?.sent[0]?.answer("a");
    await answer;
    await settle();
    expect(reported).toContain("change");
    expect([all[0]?.isEnded, all[1]?.isEnded]).toEqual([false, true]);
    expect(lines.find(wait(), opened)).toBe(line);
  });

  test("gives way if the other comes about first, when it owes nothing any more", async () => {
    const { line, answer } = await overdue();
    const opened = lines.seek(wait());
    all[1]?.come();
    await settle();
    expect(reported).toEqual(["replaced", "change"]);
    const other = lines.find(wait(), opened);
    expect([other === line, other?.isReady, all[0]?.isEnded]).toEqual([false, true, false]);
    all[0]?.sent[0]?.answer("a");
    expect(await answer).toBe("a");
    await settle();
    expect([all[0]?.isEnded, lines.find(wait(), opened) === other]).toEqual([true, true]);
  });

  test("serves a request that has more patience, while another is attempted", async () => {
    const { line } = await overdue();
    const opened = lines.seek(wait());
    expect(all).toHaveLength(2);
    const patient = { clock, notAfter: ms + 6000 };
    expect([lines.find(wait(), opened), lines.find(patient, opened)]).toEqual([undefined, line]);
  });

  test("ends no attempt by an answer that comes after it gave way", async () => {
    const { answer } = await overdue();
    lines.seek(wait());
    all[1]?.come();
    await settle();
    lines
      .find(wait(), 2)
      ?.request("b")
      .answer.catch(() => {});
    ms += 101;
    lines.seek(wait());
    all[0]?.sent[0]?.answer("a");
    await answer;
    await settle();
    expect(all.map(({ isEnded }) => isEnded)).toEqual([true, false, false]);
  });

  test("is used all the same if no other can be had", async () => {
    const { line } = await overdue();
    const opened = lines.seek(wait());
    all[1]?.refuse(new Error("too many connections"));
    await settle();
    expect(lines.find(wait(), opened)).toBe(line);
  });

  test("that leads elsewhere is replaced after a second, also if it answers", async () => {
    const line = await connect();
    const { answer } = line.request("SET");
    all[0]?.sent[0]?.fail(elsewhere());
    await answer.catch(() => {});
    expect([lines.seek(wait()), all.length]).toEqual([1, 1]);
    ms = 1000;
    lines.seek(wait());
    expect(all).toHaveLength(2);
    reported = [];
    const again = line.request("GET");
    all[0]?.sent[1]?.answer("a");
    await again.answer;
    await settle();
    // The attempt goes on.
    expect([reported, all[1]?.isEnded]).toEqual([["change"], false]);
  });
});

describe("attempts that hang", () => {
  test("are alone for as long as an answer is waited for", () => {
    lines.seek(wait());
    ms = 100;
    lines.seek(wait());
    expect(all).toHaveLength(1);
    ms = 101;
    lines.seek(wait());
    expect(all).toHaveLength(2);
  });

  test("are four at most: the newest of them gives way to the next", () => {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      lines.seek(wait());
      ms += 101;
    }
    expect(all.map(({ isEnded }) => isEnded)).toEqual([false, false, false, true, false]);
    lines.seek(wait());
    expect(all.map(({ isEnded }) => isEnded)).toEqual([false, false, false, true, true, false]);
  });

  test("end after three seconds without a word", async () => {
    const opened = lines.seek(wait());
    ms = 3000;
    lines.seek(wait());
    expect(all[0]?.isEnded).toBe(false);
    ms = 3001;
    lines.seek(wait());
    expect(all[0]?.isEnded).toBe(true);
    lines.close();
    expect(() => lines.find(wait(), opened)).toThrow("the server did not answer the handshake");
  });

  test("end after four times the patience if that is longer", () => {
    const long = { clock, notAfter: 6000 };
    lines.seek(long);
    ms = 3500;
    // A sixth of 6000 ms is left to each.
    lines.seek({ clock, notAfter: ms + 6000 });
    expect(all[0]?.isEnded).toBe(false);
    ms = 4001;
    lines.seek({ clock, notAfter: ms + 6000 });
    expect(all[0]?.isEnded).toBe(true);
  });

  test("end, all others, when one comes about", async () => {
    lines.seek(wait());
    ms = 101;
    lines.seek(wait());
    all[0]?.come();
    await settle();
    expect(all.map(({ isEnded }) => isEnded)).toEqual([false, true]);
  });
});

describe("patience", () => {
  const patienceWith = (left: number) => lines.patience({ clock, notAfter: ms + left });

  test("is a sixth of the time that is left, and 100 ms at least", () => {
    expect([patienceWith(0), patienceWith(600), patienceWith(1200)]).toEqual([100, 100, 200]);
  });

  test("is a second if no time is set", () => {
    expect(lines.patience({ clock })).toBe(1000);
  });

  test("is twice the time of the last answer, and a third of what is left at most", async () => {
    const line = await connect();
    const { answer } = line.request("a");
    ms += 250;
    all[0]?.sent[0]?.answer("a");
    await answer;
    expect([patienceWith(1200), patienceWith(1800), patienceWith(6000)]).toEqual([400, 500, 1000]);
  });
});

describe("a request that waits for a connection", () => {
  test("gets it when it has come about", async () => {
    const chosen = lines.choose(wait());
    all[0]?.come();
    expect((await chosen).isReady).toBe(true);
  });

  test("leaves nothing on its signal when it has one", async () => {
    const { signal } = new AbortController();
    const chosen = lines.choose({ ...wait(), signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    all[0]?.come();
    await chosen;
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("looks again after each change", async () => {
    const chosen = lines.choose(wait());
    ms = 101;
    lines.seek(wait());
    all[0]?.refuse(new Error("refused"));
    await settle();
    all[1]?.come();
    expect((await chosen).isReady).toBe(true);
  });

  test("fails when its signal is aborted, also before, and was not sent", async () => {
    const controller = new AbortController();
    const error = { message: "not connected in time", applied: "no" };
    const chosen = expect(lines.choose({ ...wait(), signal: controller.signal })).rejects;
    controller.abort();
    await chosen.toMatchObject(error);
    const late = lines.choose({ ...wait(), signal: AbortSignal.abort() });
    await expect(late).rejects.toMatchObject(error);
  });

  test("fails when all is closed, and a later one opens a connection again", async () => {
    const chosen = expect(lines.choose(wait())).rejects;
    lines.close();
    await chosen.toMatchObject({ message: "the connection was closed", applied: "no" });
    expect(all[0]?.isEnded).toBe(true);
    const again = lines.choose(wait());
    all[1]?.come();
    expect((await again).isReady).toBe(true);
  });
});

describe("what was not sent although there was time", () => {
  test("and what was not answered have the likely cause, if the kind of server has one", () => {
    const slow = { ...kind, silence: "it sleeps" };
    const slept = { message: "The server did not answer in time: it sleeps." };
    expect(unanswered(slow)).toMatchObject({ ...slept, applied: "maybe" });
    expect(unanswered(slow, "no")).toMatchObject({ ...slept, applied: "no" });
  });

  test("was not for want of a connection, whose last failure is shown", async () => {
    expect(lines.unsent()).toMatchObject({ message: "not connected in time", applied: "no" });
    lines.seek(wait());
    all[0]?.refuse(new Error("refused"));
    await settle();
    expect(lines.unsent()).toMatchObject({ message: "refused", applied: "no" });
  });

  test("was not because the server is slow, if there is a connection", async () => {
    await connect();
    expect(lines.unsent()).toMatchObject({
      code: "INCUMBENT_STORE_TIMEOUT",
      message: "The server did not answer in time.",
      applied: "no",
    });
  });

  test("was because its connection was lost, if no reason is known", async () => {
    const opened = lines.seek(wait());
    all[0]?.come();
    await settle();
    lines.close();
    expect(() => lines.find(wait(), opened)).toThrow("the connection was lost");
  });

  test("shows no failure from before a connection that came about", async () => {
    lines.seek(wait());
    all[0]?.refuse(new Error("refused"));
    await settle();
    await connect();
    lines.close();
    expect(lines.unreachable()).toMatchObject({ message: "the connection was closed" });
  });
});

test("nothing is overdue before a connection was sought", () => {
  expect(lines.isOverdue(wait())).toBe(false);
  lines.seek(wait());
  expect(lines.isOverdue(wait())).toBe(true);
});
