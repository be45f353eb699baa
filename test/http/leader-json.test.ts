import { expect, test } from "vitest";
import { leaderJson } from "../../src/http/leader-json.ts";

const since = new Date("2026-01-01T00:00:00Z");
const leader = {
  key: "job",
  nodeId: "api-7",
  token: 3,
  since,
  expiresIn: 1234.5,
  metadata: undefined,
};

test("a leader is shown with the date of its term, whole milliseconds, and null for no metadata", () => {
  const { at, ...shown } = leaderJson("job", leader);
  expect(shown).toEqual({
    key: "job",
    leader: {
      ...{ nodeId: "api-7", token: 3, since: "2026-01-01T00:00:00.000Z" },
      ...{ expiresInMs: 1235, metadata: null },
    },
  });
  expect(new Date(at).toISOString()).toBe(at);
});

test("a lease that never expires is null, and so is no leader", () => {
  const shown = leaderJson("job", { ...leader, expiresIn: Number.POSITIVE_INFINITY });
  expect(shown.leader).toMatchObject({ expiresInMs: null });
  expect(leaderJson("job", undefined)).toMatchObject({ key: "job", leader: null });
});
