import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Timer } from "../../../../src/stores/connections/timer.ts";
import { recognise } from "../../../../src/stores/redis/client/redis-client.ts";
import { copiesOf } from "../../../../src/stores/redis/connection/redis-copies.ts";
import { RedisSubscriber } from "../../../../src/stores/redis/connection/redis-subscriber.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";
import { patterns } from "../clients.ts";

let redis: RedisServer;
let subscriber: RedisSubscriber;

/** Pauses are as long as the test wants. */
function handTimer() {
  const pauses: { ms: number; fire: () => void }[] = [];
  const timer: Timer = (ms, fire) => {
    const pause = { ms, fire };
    pauses.push(pause);
    return () => {
      if (pauses.includes(pause)) pauses.splice(pauses.indexOf(pause), 1);
    };
  };
  const pass = () => {
    for (const { fire } of pauses.splice(0)) fire();
  };
  return { timer, pauses, pass };
}

beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  subscriber.close();
  await redis.stop();
});

describe.each(Object.entries(patterns))("the channels of %s", (_, make) => {
  const { timer, pauses, pass } = handTimer();
  const listen = (url: string) => {
    subscriber = new RedisSubscriber(
      copiesOf(recognise(make(url)), { timer, prepare: (open) => open }),
      timer,
    );
    const heard: (string | undefined)[] = [];
    subscriber.add("news", (message) => heard.push(message));
    return heard;
  };

  test("a channel that was denied is heard when the right comes back, without a new connection", async () => {
    const rules = ["on", ">pw", "~*", "+@all", "resetchannels"] as const;
    await redis.command("ACL", "SETUSER", "reader", ...rules);
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const heard = listen(`redis://reader:pw@127.0.0.1:${redis.port}`);
    await expect.poll(() => pauses.map(({ ms }) => ms)).toEqual([1000]);
    pass();
    await expect.poll(() => pauses.map(({ ms }) => ms)).toEqual([2000]);
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/lacks a right.*NOPERM.*news.*Grant/), { code: "INCUMBENT_POLLING" }],
    ]);
    warn.mockRestore();
    await redis.command("ACL", "SETUSER", "reader", "&news");
    pass();
    await expect.poll(() => heard).toEqual([undefined]);
    await redis.command("PUBLISH", "news", "hello");
    await expect.poll(() => heard).toEqual([undefined, "hello"]);
    expect(pauses).toEqual([]);
  });

  test("pauses grow to 1 s while the server is away, and end when it is back", async () => {
    await redis.kill();
    const heard = listen(redis.url);
    const seen: number[] = [];
    while (seen.length < 7) {
      await expect.poll(() => pauses.length).toBe(1);
      seen.push(...pauses.map(({ ms }) => ms));
      pass();
    }
    expect(seen).toEqual([50, 100, 200, 400, 800, 1000, 1000]);
    await redis.start();
    await expect
      .poll(() => {
        pass();
        return heard;
      })
      .toEqual([undefined]);
  });

  test("nothing is tried again once it is closed", async () => {
    await redis.kill();
    listen(redis.url);
    await expect.poll(() => pauses.length).toBe(1);
    subscriber.close();
    expect(pauses).toEqual([]);
  });

  test("a channel is heard again after a close when there is something to do again", async () => {
    const heard = listen(redis.url);
    subscriber.resume();
    await expect.poll(() => heard).toEqual([undefined]);
    subscriber.close();
    await expect.poll(() => redis.command("PUBSUB", "NUMSUB", "news")).toBe("news\n0");
    subscriber.resume();
    await expect.poll(() => heard).toEqual([undefined, undefined]);
    await redis.command("PUBLISH", "news", "hello");
    await expect.poll(() => heard).toEqual([undefined, undefined, "hello"]);
  });
});
