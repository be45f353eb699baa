import { once } from "node:events";
import { type IncomingMessage, request as open } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { Elector } from "../../src/elector/elector.ts";
import { StoreError } from "../../src/errors.ts";
import { answerWith, pagesOf } from "../../src/http/pages.ts";
import { held, last, stage } from "../elector/stage.ts";
import { settle } from "../support/manual-clock.ts";
import { listen } from "./servers.ts";

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

describe("a server of nothing but the pages", () => {
  async function served(elector: Elector) {
    const pages = pagesOf(elector);
    const url = await listen((request, response) => void answerWith(pages, request, response));
    return async (target: string, method = "GET") => {
      const sending = open(url, { path: target, method }).end();
      const [response] = await once(sending, "response");
      const { statusCode: status, headers } = response as IncomingMessage; // As `once` gets it.
      return {
        status,
        type: headers["content-type"],
        allow: headers.allow,
        body: await text(response),
      };
    };
  }

  test("names the pages that it has to one who asks for another", async () => {
    const ask = await served(stage().elector);
    expect(await ask("/")).toEqual({
      status: 404,
      type: "text/plain; charset=utf-8",
      allow: undefined,
      body: "Not found. Available: /livez, /readyz, /leader.\n",
    });
  });

  test("refuses a request without a path, and one that would change something", async () => {
    const ask = await served(stage().elector);
    expect(await ask("*")).toMatchObject({ status: 400, body: "The request has no path.\n" });
    expect(await ask("/livez", "POST")).toMatchObject({
      status: 405,
      allow: "GET, HEAD",
      body: "Method not allowed. Use GET, HEAD.\n",
    });
  });

  test("answers /leader with 503 and the error if the store fails, except on the leader", async () => {
    const { store, elector, lead } = stage({ metadata: "http://10.0.0.7:8080" });
    const ask = await served(elector);
    const asked = ask("/leader");
    await expect.poll(() => store.reads.length).toBe(1);
    last(store.reads).fail(refusal);
    expect(await asked).toMatchObject({ status: 503, body: "LOADING\n" });
    await lead(7);
    const { body, ...answer } = await ask("/leader");
    expect(answer).toMatchObject({ status: 200, type: "application/json" });
    expect(JSON.parse(body)).toMatchObject({
      key: "job",
      leader: { nodeId: "one", token: 7, expiresInMs: 900, metadata: "http://10.0.0.7:8080" },
    });
    expect(store.reads.length).toBe(1);
  });

  test("says why /readyz is not ready", async () => {
    const { store, elector } = stage();
    const ask = await served(elector);
    await elector.start();
    last(store.acquires).fail(refusal);
    await settle();
    expect(await ask("/readyz")).toMatchObject({
      status: 503,
      body: "the store does not answer\n",
    });
  });
});
