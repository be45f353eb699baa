import { expect, test } from "vitest";
import type { Finding } from "../../../src/stores/lease-store.ts";
import { guardSettings } from "../../../src/stores/redis/guard-settings.ts";
import { diagnoseServers } from "../../../src/stores/redis-quorum/quorum-diagnosis.ts";
import { QuorumNode } from "../../../src/stores/redis-quorum/quorum-node.ts";
import { examinationOf } from "../../support/findings.ts";

const fine: Finding = { check: "reachable", level: "ok", says: "It answers." };
const fault: Finding = { check: "eviction", level: "error", says: "It forgets leases." };

/** What is found of so many servers, of which the last few have an error beside what is fine. */
async function findings(
  servers: number,
  faulty: number,
  given: Parameters<typeof examinationOf>[0] = {},
): Promise<Finding[]> {
  const nodes = Array.from({ length: servers }, (_, index) => {
    const node = new QuorumNode(
      ...[`s${index}`, `redis://127.0.0.1:${index + 1}`, guardSettings([], {})],
    );
    node.server.diagnose = async function* () {
      yield fine;
      if (index >= servers - faulty) yield fault;
    };
    return node;
  });
  const all: Finding[] = [];
  for await (const finding of diagnoseServers(nodes, examinationOf(given))) all.push(finding);
  return all;
}

const ofAll = async (servers: number, faulty: number) => (await findings(servers, faulty)).at(-1);

test("a majority survives the loss of what it has to spare", async () => {
  expect(await ofAll(3, 0)).toEqual({
    ...{ check: "majority", level: "ok" },
    says: "3 of 3 servers can vote, and 2 are needed: elections survive the loss of 1 more.",
  });
  expect(await ofAll(5, 0)).toMatchObject({
    level: "ok",
    says: "5 of 5 servers can vote, and 3 are needed: elections survive the loss of 2 more.",
  });
});

test("a server with one error cannot vote, whatever is fine of it, and has to be repaired", async () => {
  expect(await ofAll(3, 1)).toEqual({
    ...{ check: "majority", level: "note", remedy: "Repair the others." },
    says: "2 of 3 servers can vote, and 2 are needed: elections survive no further loss.",
  });
});

test("without a majority no process can be elected until the others are repaired", async () => {
  expect(await ofAll(3, 2)).toEqual({
    ...{ check: "majority", level: "error", remedy: "Repair the others." },
    says: "1 of 3 servers can vote, and 2 are needed: no process can be elected.",
  });
});

test("of an even number one is for nothing", async () => {
  expect(await ofAll(4, 0)).toEqual({
    ...{ check: "majority", level: "note", remedy: "3 servers survive as many losses." },
    says: "4 of 4 servers can vote, and 3 are needed: elections survive the loss of 1 more.",
  });
});

test("nothing is said of all of them in a brief examination, or in one that was given up", async () => {
  const each = [fine, fine, fine];
  expect(await findings(3, 0, { isBrief: true })).toEqual(each);
  expect(await findings(3, 0, { signal: AbortSignal.abort() })).toEqual(each);
});
