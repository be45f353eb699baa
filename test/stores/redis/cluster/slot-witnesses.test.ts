import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { SlotTable } from "../../../../src/stores/redis/cluster/slot-table.ts";
import { SlotWitnesses } from "../../../../src/stores/redis/cluster/slot-witnesses.ts";

const primaries = ["a:1", "b:1", "c:1"];

/** Who has every slot, as a node says. */
function saying(owner: string): SlotTable {
  const [host, port] = owner.split(":");
  const table = new SlotTable();
  table.replace([[0, 16_383, [host, Number(port), "id"]]], "x:1", (address) => address);
  return table;
}

/** Nodes that answer so; one that is left out never answers. */
function witnesses(answers: Readonly<Record<string, string | Error>>): SlotWitnesses {
  return new SlotWitnesses(async (address) => {
    const answer = answers[address];
    if (answer === undefined) return new Promise<never>(() => {});
    if (answer instanceof Error) throw answer;
    return saying(answer);
  });
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

test("an owner that is alone is not confirmed", async () => {
  const asked = witnesses({ "b:1": down, "c:1": down });
  expect((await asked.confirm(7, "a:1", primaries))?.message).toContain("do not say");
});

test("the only primary needs no other", async () => {
  expect(await witnesses({}).confirm(7, "a:1", ["a:1"])).toBeUndefined();
});

test("a look that was under way before a request is too old for it; what is asked meanwhile shares the next", async () => {
  const looks: ((table: SlotTable) => void)[] = [];
  const asked = new SlotWitnesses(() => new Promise((resolve) => looks.push(resolve)));
  const confirm = () => asked.confirm(7, "a:1", ["a:1", "b:1"]);
  const first = confirm();
  await turn();
  const others = [confirm(), confirm()];
  await turn();
  expect(looks).toHaveLength(1);
  looks[0]?.(saying("a:1"));
  expect(await first).toBeUndefined();
  await turn();
  expect(looks).toHaveLength(2);
  looks[1]?.(saying("b:1"));
  for (const other of await Promise.all(others)) expect(other?.message).toContain("no longer");
});
