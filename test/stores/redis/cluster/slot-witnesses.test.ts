import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { realTimer } from "../../../../src/stores/connections/timer.ts";
import { SlotView } from "../../../../src/stores/redis/cluster/slot-view.ts";
import { SlotWitnesses } from "../../../../src/stores/redis/cluster/slot-witnesses.ts";

const primaries = ["a:1", "b:1", "c:1"];

/** A node in whose view this one has every slot. */
function seeing(owner: string, flags = "master"): SlotView {
  const line = `id ${owner}@17000 ${flags} - 0 1 2 connected 0-16383`;
  return new SlotView(`${line}\n`, (address) => address);
}

/** Nodes that name such an owner, and its flags; one that is left out never answers. */
function witnesses(answers: Readonly<Record<string, string | Error>>): SlotWitnesses {
  return new SlotWitnesses(async (address) => {
    const answer = answers[address];
    if (answer === undefined) return new Promise<never>(() => {});
    if (answer instanceof Error) throw answer;
    const [owner = "", flags] = answer.split(" ");
    return seeing(owner, flags);
  }, realTimer);
}

const down = new Error("connect ECONNREFUSED");

test("one other of three that names the owner confirms it, whether the third answers or not", async () => {
  for (const third of [{}, { "c:1": down }, { "c:1": "b:1" }]) {
    const asked = witnesses({ "b:1": "a:1", ...third });
    expect(await asked.confirm(7, "a:1", primaries)).toBeUndefined();
  }
});

test("an owner that most do not name is not confirmed, and the new one is named", async () => {
  const asked = witnesses({ "b:1": "b:1", "c:1": "b:1" });
  const error = await asked.confirm(7, "a:1", primaries);
  expect(error).toMatchObject({ code: "INCUMBENT_STORE_REFUSED", applied: "maybe" });
  expect(error?.message).toContain("the slot is no longer at a:1; other primaries name b:1");
});

test("an owner that most have seen fail is not confirmed, although none has heard of a new one", async () => {
  const seesItFail = witnesses({ "b:1": "a:1 master,fail", "c:1": "a:1 master,fail" });
  expect((await seesItFail.confirm(7, "a:1", primaries))?.message).toContain("do not say");
  // One that did not reach it itself has not voted by that: it asks the others first.
  const suspects = witnesses({ "b:1": "a:1 master,fail?", "c:1": "a:1 master,fail" });
  expect(await suspects.confirm(7, "a:1", primaries)).toBeUndefined();
});

test("an owner that is alone is not confirmed", async () => {
  const asked = witnesses({ "b:1": down, "c:1": down });
  expect((await asked.confirm(7, "a:1", primaries))?.message).toContain("do not say");
});

test("the only primary needs no other", async () => {
  expect(await witnesses({}).confirm(7, "a:1", ["a:1"])).toBeUndefined();
});

test("nothing is confirmed if no primary is known, as after a close", async () => {
  expect((await witnesses({}).confirm(7, "a:1", []))?.message).toContain("do not say");
});

test("a look that was under way before a request is too old for it; what is asked meanwhile shares the next", async () => {
  const looks: ((view: SlotView) => void)[] = [];
  const asked = new SlotWitnesses(() => new Promise((resolve) => looks.push(resolve)), realTimer);
  const confirm = () => asked.confirm(7, "a:1", ["a:1", "b:1"]);
  const first = confirm();
  await turn();
  const others = [confirm(), confirm()];
  await turn();
  expect(looks).toHaveLength(1);
  looks[0]?.(seeing("a:1"));
  expect(await first).toBeUndefined();
  await turn();
  expect(looks).toHaveLength(2);
  looks[1]?.(seeing("b:1"));
  for (const other of await Promise.all(others)) expect(other?.message).toContain("no longer");
});

test("a look that is never answered does not keep a later request from being confirmed", async () => {
  const fires: (() => void)[] = [];
  let looks = 0;
  const look = () => {
    looks += 1;
    return looks > 2 ? Promise.resolve(seeing("a:1")) : new Promise<never>(() => {});
  };
  const asked = new SlotWitnesses(look, (_, fire) => {
    fires.push(fire);
    return () => {};
  });
  void asked.confirm(7, "a:1", primaries);
  await turn();
  const later = asked.confirm(7, "a:1", primaries);
  await turn();
  expect(looks).toBe(2);
  for (const fire of fires) fire();
  expect(await later).toBeUndefined();
});
