import { describe, expect, test } from "vitest";
import type { Cell, ObservedRecord } from "../../../src/stores/observed/register.ts";
import {
  type Glimpse,
  isSame,
  isSameWrite,
  type View,
  viewOf,
} from "../../../src/stores/observed/sighting.ts";

const record: ObservedRecord = {
  ...{ nonce: "nonce", seq: 5, nodeId: "node", metadata: undefined },
  ...{ token: 50, since: 0, ttl: 1000, at: 0 },
};

const cellOf = (changed: Partial<ObservedRecord>, version = "1"): Cell => ({
  version,
  record: { ...record, ...changed },
});
const absent: Cell = { version: "0", record: undefined };

/** What is known after `cell` was seen at 100 ms, and nothing since. */
function seen(cell: Cell, gap?: Glimpse["gap"]): View {
  const { sighting } = viewOf({ sighting: undefined, gap: undefined }, cell, {
    ...{ now: 100, sentAt: 100, isWatched: false },
  });
  return { sighting, gap };
}

/** At 300 ms; it was asked for at 200. */
const later = { now: 300, sentAt: 200, isWatched: true };

describe("a record that is seen again", () => {
  test("was there since it was seen first, if nothing can have been missed", () => {
    expect(viewOf(seen(cellOf({})), cellOf({}), later).sighting).toMatchObject({ seenAt: 100 });
  });

  test("may have been written just now if the store took no part meanwhile", () => {
    const { sighting, gap } = viewOf(seen(cellOf({}), "absent"), cellOf({}), later);
    expect([sighting, gap]).toMatchObject([
      { seenAt: 300, isSequel: false, isFresh: false, doubtedAt: undefined },
      undefined,
    ]);
  });

  test("may be one of the past after an interruption", () => {
    const { sighting } = viewOf(seen(cellOf({}), "interrupted"), cellOf({}), later);
    expect(sighting).toMatchObject({
      ...{ seenAt: 300, isSequel: false, isFresh: false, doubtedAt: 300 },
    });
  });

  test("is another one for its next write if its version has changed", () => {
    const moved = cellOf({}, "2");
    expect(viewOf(seen(cellOf({})), moved, later).sighting.cell).toBe(moved);
  });
});

describe("a record that was written later", () => {
  test("is fresh if every change is reported, and else only a sequel", () => {
    const next = cellOf({ seq: 6 }, "2");
    const { sighting } = viewOf(seen(cellOf({})), next, later);
    expect(sighting).toMatchObject({ isSequel: true, isFresh: true, doubtedAt: undefined });
    const unwatched = viewOf(seen(cellOf({})), next, { ...later, isWatched: false });
    expect(unwatched.sighting).toMatchObject({ isSequel: true, isFresh: false });
  });

  test("is known by its token, and of one token by its number", () => {
    for (const next of [cellOf({ token: 51, seq: 1 }, "2"), cellOf({ seq: 6 }, "2")]) {
      expect(viewOf(seen(cellOf({})), next, later).sighting.doubtedAt).toBeUndefined();
    }
  });

  test("may be the first one", () => {
    expect(viewOf(seen(absent), cellOf({}), later).sighting).toMatchObject({
      ...{ isSequel: true, doubtedAt: undefined, largestToken: 50 },
    });
  });
});

describe("a register was set back if it shows", () => {
  test.each([
    ["no record where there was one", absent],
    ["an earlier token", cellOf({ token: 49, seq: 9 }, "2")],
    ["an earlier write of the same token", cellOf({ seq: 4 }, "2")],
  ])("%s", (_what, older) => {
    expect(viewOf(seen(cellOf({})), older, later).sighting).toMatchObject({
      ...{ cell: older, seenAt: 300, isSequel: false, isFresh: false, doubtedAt: 300 },
      largestToken: 50,
    });
  });
});

test("a write of the same token and number is another one, and not an older one", () => {
  const other = cellOf({ nonce: "another" }, "2");
  expect(viewOf(seen(cellOf({})), other, later).sighting.doubtedAt).toBeUndefined();
});

describe("an answer that may have been overtaken", () => {
  const late = { ...later, sentAt: 50 };

  test("counts for nothing if it shows an older record", () => {
    const view = seen(cellOf({}));
    expect(viewOf(view, cellOf({ seq: 4 }, "2"), late).sighting).toBe(view.sighting);
  });

  test("counts if it shows a later one", () => {
    const next = cellOf({ seq: 6 }, "2");
    expect(viewOf(seen(cellOf({})), next, late).sighting.cell).toBe(next);
  });

  test("counts if something may have been missed, since it may be no late one then", () => {
    const older = cellOf({ seq: 4 }, "2");
    const { sighting, gap } = viewOf(seen(cellOf({}), "interrupted"), older, late);
    expect([sighting.cell, sighting.doubtedAt, gap]).toEqual([older, 300, undefined]);
  });
});

describe("two records come from one write", () => {
  test("if they are equal, or if there is none", () => {
    expect(isSameWrite(record, { ...record })).toBe(true);
    expect(isSameWrite(undefined, undefined)).toBe(true);
  });

  test.each([{ seq: 6 }, { nonce: "another" }, { token: 51 }, { at: 1 }])(
    "but not if %j tells them apart",
    (changed) => {
      expect(isSameWrite(record, { ...record, ...changed })).toBe(false);
      expect(isSame(cellOf({}), cellOf(changed))).toBe(false);
    },
  );

  test("but not if there is only one", () => {
    expect(isSameWrite(record, undefined)).toBe(false);
  });
});
