import { expect, test } from "vitest";
import { PollingStation } from "./polling-station.ts";

test("a server that falls back to an older self elects no second leader with one that was away", async () => {
  const station = new PollingStation();
  const [, failing, away] = station.servers;
  if (failing === undefined || away === undefined) throw new Error("there are three");
  const before = failing.redis.snapshot();
  away.isDown = true;
  await station.win(station.open());
  away.isDown = false;
  // It has been promoted once more: the process that it was, and the data that it had.
  failing.redis.become(failing.redis.identity.run, "e1", before);
  const other = station.open();
  const first = await other.acquire(station.attempt()).catch(String);
  const second = await other.acquire(station.attempt()).catch(String);
  for (const reply of [first, second]) expect(reply).not.toMatchObject({ granted: true });
});
