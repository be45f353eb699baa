import { createClient } from "redis";
import { expect, onTestFinished, test } from "vitest";
import { RedisStore, type RedisStoreOptions } from "../../../src/redis.ts";
import { startRedis } from "../../support/redis-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";

/** A store on a server that knows no INFO. */
async function open(options: RedisStoreOptions): Promise<RedisStore> {
  const redis = await startRedis(["--rename-command", "INFO", ""]);
  const store = new RedisStore(createClient({ url: redis.url }), options);
  onTestFinished(async () => {
    await store.close();
    await redis.stop();
  });
  return store;
}

test("without the restart guard no script needs INFO", async () => {
  const store = await open({ restartGuard: false });
  const asked = acquireRequest("job");
  const reply = await store.acquire(asked);
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  expect(await store.renew(renewRequest(asked, reply.token))).toEqual({ renewed: true });
  expect(await store.read(request("job"))).toMatchObject({ token: reply.token });
  expect(await store.acquire(acquireRequest("job"))).toMatchObject({ reason: "held" });
  expect(await store.release({ ...request("job"), nonce: asked.nonce })).toEqual({
    released: true,
  });
  expect(await store.acquire(acquireRequest("job"))).toMatchObject({ granted: true });
});

test("with it, the error names INFO and the remedy", async () => {
  const store = await open({});
  await expect(store.acquire(acquireRequest("job"))).rejects.toThrow(
    /needs the command INFO: allow \+info, or pass restartGuard: false/,
  );
});
