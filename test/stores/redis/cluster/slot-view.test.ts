import { expect, test } from "vitest";
import { SlotView } from "../../../../src/stores/redis/cluster/slot-view.ts";

/** As Redis 7 writes it: a slot on its way, an owner that has failed, a replica, nodes with names and without. */
const nodes = [
  "a1 10.0.0.1:6379@16379,one.example myself,master - 0 0 1 connected 0-99 200 [93->-b2]",
  "b2 10.0.0.2:6379@16379 master,fail - 1 2 3 disconnected 100-199 201-300",
  "c3 ::1:6379@16379 master - 0 1 2 connected 301",
  "d4 10.0.0.4:6379@16379 slave,fail? a1 0 1 1 connected",
].join("\n");

function view(reply: unknown = nodes, translate = (address: string) => address): SlotView {
  return new SlotView(reply, translate);
}

test.each([
  [0, ["10.0.0.1:6379", "one.example:6379"], false],
  [93, ["10.0.0.1:6379", "one.example:6379"], false],
  [200, ["10.0.0.1:6379", "one.example:6379"], false],
  [100, ["10.0.0.2:6379"], true],
  [300, ["10.0.0.2:6379"], true],
  [301, ["::1:6379"], false],
])("slot %d is at %j, which has failed: %j", (slot, addresses, hasFailed) => {
  expect(view().ownerOf(slot)).toEqual({ addresses, hasFailed });
});

test("a slot that no node has is at none", () => {
  expect(view().ownerOf(302)).toBeUndefined();
});

test("a node is named as the client reaches it", () => {
  const outside = view(nodes, (address) => address.replace("10.0.0.2", "localhost"));
  expect(outside.ownerOf(150)?.addresses).toEqual(["localhost:6379"]);
});

test("a client that returns buffers is understood", () => {
  expect(view(Buffer.from(nodes)).ownerOf(301)?.addresses).toEqual(["::1:6379"]);
});

test.each([null, [], "", "OK"])("%j is refused as a reply", (reply) => {
  expect(() => view(reply)).toThrow("What answers is not Redis");
});
