import { afterAll, beforeAll, expect, test } from "vitest";
import { slotOf } from "../../../../src/stores/redis/cluster/slots.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis(["--cluster-enabled", "yes"]);
});
afterAll(() => redis.stop());

test.each([
  ...["job", "billing:scheduler", "mail:{eu}:digest", "{eu}", "x{eu}{us}", "Zürich", "👑"],
  ...["{}", "{}a", "a{}b{c}", "a{b", "a}b", "}{", "{{x}}", "a".repeat(512)],
])("the slot of %s is the one that the server reckons", async (key) => {
  expect(slotOf(key)).toBe(Number(await redis.command("CLUSTER", "KEYSLOT", key)));
});
