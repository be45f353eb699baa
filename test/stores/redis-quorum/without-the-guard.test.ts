import { expect, test } from "vitest";
import { PollingStation } from "./polling-station.ts";

/** The leader has all votes but that of the last server, which was away; another server is flushed. */
async function flushedWhileAnotherWasAway(servers: number, restartGuard: boolean) {
  const station = new PollingStation(servers);
  const options = { restartGuard };
  const away = station.server(servers - 1);
  away.isDown = true;
  await station.win(station.open(station.servers, options));
  away.isDown = false;
  station.server(1).execute("FLUSHALL");
  const other = station.open(station.servers, options);
  const reply = await other.acquire(station.attempt()).catch(String);
  return { reply };
}

test("without the guard, one of three that is flushed while another was away elects a second leader", async () => {
  const { reply } = await flushedWhileAnotherWasAway(3, false);
  expect(reply).toMatchObject({ granted: true });
});

test("with the guard, or on five servers, it does not", async () => {
  const guarded = await flushedWhileAnotherWasAway(3, true);
  expect(guarded.reply).not.toMatchObject({ granted: true });
  const five = await flushedWhileAnotherWasAway(5, false);
  expect(five.reply).toMatchObject({ granted: false });
});
