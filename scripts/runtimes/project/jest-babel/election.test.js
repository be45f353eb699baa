import { Elector, IncumbentError, MemoryStore } from "incumbent";
import { RedisStore } from "incumbent/redis";

test("an elector leads", async () => {
  const elector = new Elector(new MemoryStore(), "office");
  await elector.start();
  expect((await elector.waitForLeadership()).token).toBeGreaterThan(0);
  expect(await elector.stop()).toBe("confirmed");
});

test("all entry points have the same classes", () => {
  expect(() => new RedisStore("no address")).toThrow(IncumbentError);
});
