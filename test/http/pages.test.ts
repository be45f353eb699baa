import { describe, expect, test } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { pagesOf } from "../../src/http/pages.ts";
import { held, last, stage } from "../elector/stage.ts";
import { settle } from "../support/manual-clock.ts";

const refusal = new StoreError("INCUMBENT_STORE_REFUSED", "LOADING", { applied: "no" });

function pages() {
  const on = stage();
  const all = pagesOf(on.elector);
  const status = async (path: string) => (await all.get(path)?.())?.status;
  return { ...on, status };
}

test("/leader shows the metadata without the passwords of the addresses in it", async () => {
  const { elector, lead } = stage({ metadata: "http://user:hush@10.0.0.7:8080/?token=hush" });
  await lead();
  const { body = "" } = (await pagesOf(elector).get("/leader")?.()) ?? {};
  const shown = "http://user:***@10.0.0.7:8080/?token=***";
  expect(JSON.parse(body)).toMatchObject({ leader: { metadata: shown } });
});

describe("/readyz", () => {
  test("is 503 while the campaign cannot reach the store, and 200 once it can", async () => {
    const { clock, store, elector, status } = pages();
    await elector.start();
    expect(await status("/readyz")).toBe(200);
    last(store.acquires).fail(refusal);
    await settle();
    expect(await status("/readyz")).toBe(503);
    await clock.advance(1000);
    last(store.acquires).answer(held(900));
    await settle();
    expect(await status("/readyz")).toBe(200);
  });

  test("stays 200 on a follower if only a read of a caller has failed", async () => {
    const { store, elector, status } = pages();
    await elector.start();
    last(store.acquires).answer(held(900));
    const look = elector.leader();
    last(store.reads).fail(refusal);
    await expect(look).rejects.toThrow("LOADING");
    expect(await status("/readyz")).toBe(200);
  });

  test("is 200 again when a leader that lost its lease in an outage follows another", async () => {
    const { clock, store, lead, status } = pages();
    await lead();
    await clock.advance(300);
    last(store.renews).fail(refusal);
    await settle();
    expect(await status("/readyz")).toBe(503);
    await clock.advance(700);
    last(store.acquires).answer(held(900));
    await settle();
    expect(await status("/readyz")).toBe(200);
  });

  test("is 200 again when a release has failed and the campaign goes on", async () => {
    const { clock, store, elector, lead, status } = pages();
    await lead();
    void elector.resign();
    last(store.releases).fail(refusal);
    await settle();
    expect(await status("/readyz")).toBe(503);
    await clock.advance(1000);
    last(store.acquires).answer(held(900));
    await settle();
    expect(await status("/readyz")).toBe(200);
  });
});
