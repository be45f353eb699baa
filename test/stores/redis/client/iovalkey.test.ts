import { Redis as Valkey } from "iovalkey";
import { expect, onTestFinished, test } from "vitest";
import { RedisElector } from "../../../../src/redis.ts";
import { startRedis } from "../../../support/redis-server.ts";

test("a client of iovalkey elects, and hears of a release", async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const client = new Valkey(redis.url);
  onTestFinished(() => client.disconnect());
  const options = { restartGuard: false };
  const [first, second] = [0, 1].map(() => new RedisElector(client, "job", options));
  onTestFinished(async () => void (await Promise.all([first?.stop(), second?.stop()])));
  await first?.start();
  const term = await first?.waitForLeadership();
  await second?.start();
  expect((await second?.settled())?.leader?.token).toBe(term?.token);
  const next = second?.waitForLeadership();
  await first?.stop();
  expect((await next)?.token).toBeGreaterThan(term?.token ?? 0);
});
