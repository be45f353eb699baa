import { expect, test } from "vitest";
import { Elector } from "../../src/elector/elector.ts";
import { isOneself, metadataOf } from "../../src/http/leader-address.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";

const OWN = "http://10.0.0.7:8080";
const elector = new Elector(new MemoryStore(), "notes", { nodeId: "self", metadata: OWN });

const leader = (nodeId: string, metadata: string | undefined) => ({
  ...{ key: "notes", nodeId, token: 1, since: new Date(0), expiresIn: 1000, metadata },
});

test("a leader with the address of this process is an earlier one in its place", () => {
  expect(isOneself(elector, leader("before", OWN), metadataOf)).toBe(true);
  expect(isOneself(elector, leader("self", undefined), metadataOf)).toBe(true);
});

test("a leader with another address is another process, and so is one without", () => {
  expect(isOneself(elector, leader("other", "http://10.0.0.8:8080"), metadataOf)).toBe(false);
  const nowhere = new Elector(new MemoryStore(), "notes", { nodeId: "self" });
  expect(isOneself(nowhere, leader("other", undefined), metadataOf)).toBe(false);
});

test("addresses that are made are compared with the one that is made for this process", () => {
  const addressOf = ({ nodeId }: { nodeId: string }) => `http://${nodeId.split("-")[0]}:8080`;
  expect(isOneself(elector, leader("self-1", undefined), addressOf)).toBe(true);
  expect(isOneself(elector, leader("other-1", undefined), addressOf)).toBe(false);
});
