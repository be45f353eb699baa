import { describe, expect, test } from "vitest";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { PollingStation } from "./polling-station.ts";

/** Three servers, of which two have voted for a rival each, and a store whose candidates can get the third's vote alone. */
async function split(ttl = 60_000) {
  const station = new PollingStation();
  for (const index of [1, 2]) {
    const rival = station.open([station.server(index)]);
    await station.win(rival, { nodeId: `rival ${index}`, ttl });
  }
  const store = station.open();
  // It knows the servers from another election.
  await station.win(store, {}, "before");
  /** So many candidates ask in one moment, and are answered 5 ms later. */
  const askTogether = async (candidates: number, fields: Partial<AcquireRequest> = {}) => {
    for (const server of station.servers) server.holding = "requests";
    const replies = Array.from({ length: candidates }, () =>
      store.acquire(station.attempt(fields)),
    );
    const settled = Promise.allSettled(replies);
    for (const server of station.servers) {
      await expect.poll(() => acquiresIn(server.held)).toBe(candidates);
    }
    station.now += 5;
    for (const server of station.servers) {
      server.holding = "nothing";
      server.deliver();
    }
    return settled;
  };
  return { station, askTogether };
}

/** Several travel in one call. */
function acquiresIn(held: readonly string[]): number {
  return held.flatMap((names) => names.split(", ")).filter((name) => name === "acquire").length;
}

describe("votes that are split", () => {
  test("among many candidates of one process are one split in a row, not as many as candidates", async () => {
    const { askTogether } = await split();
    const replies = await askTogether(16);
    const refusal = { granted: false, reason: "held", leader: undefined };
    expect(replies).toMatchObject(Array(16).fill({ status: "fulfilled", value: refusal }));
    for (const reply of replies) {
      // Of the window after the first split: four times the 5 ms that it took.
      const wait = reply.status === "fulfilled" && !reply.value.granted && reply.value.retryIn;
      expect(wait).toBeLessThanOrEqual(20);
    }
  });

  test("let a candidate wait in a window that doubles with each split in a row", async () => {
    const { askTogether } = await split();
    for (const [index, retryIn] of [10, 20, 40].entries()) {
      // Its chance is one half.
      const nonce = `${String(index).repeat(24)}80000000`;
      expect(await askTogether(1, { nonce })).toMatchObject([{ value: { retryIn } }]);
    }
  });

  test("let no candidate wait for longer than the leases that were in its way", async () => {
    const { station, askTogether } = await split(1000);
    station.now += 993;
    const nonce = `${"0".repeat(24)}80000000`;
    expect(await askTogether(1, { nonce })).toMatchObject([{ value: { retryIn: 2 } }]);
  });

  test("eight times in a row are an error that says who voted for whom", async () => {
    const { askTogether } = await split();
    for (let count = 1; count < 8; count += 1) {
      expect(await askTogether(1)).toMatchObject([{ status: "fulfilled" }]);
    }
    const [eighth] = await askTogether(1);
    expect(eighth).toMatchObject({
      status: "rejected",
      reason: { message: expect.stringMatching(/held by rival 1 .* held by rival 2/) },
    });
    expect(await askTogether(1)).toMatchObject([{ status: "fulfilled" }]);
  });
});
