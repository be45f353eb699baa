import { expect, test } from "vitest";
import { PollingStation } from "./polling-station.ts";

test("a release that went unheard in an outage of the follower wakes it when it is back", async () => {
  const station = new PollingStation();
  const { asked } = await station.win(station.open());
  const heard: string[] = [];
  station.open().watch("job", (hint) => heard.push(hint));
  await expect.poll(() => heard).toEqual(["released"]);
  for (const server of station.servers) server.cut();
  await station.open().release(station.release(asked));
  expect(heard).toEqual(["released"]);
  station.reconnect();
  await expect.poll(() => heard.length).toBeGreaterThan(1);
  expect(new Set(heard)).toEqual(new Set(["released"]));
});

test("a release that a minority published wakes the follower when it hears another server again", async () => {
  const station = new PollingStation();
  const { asked } = await station.win(station.open());
  const heard: string[] = [];
  station.open().watch("job", (hint) => heard.push(hint));
  await expect.poll(() => heard).toEqual(["released"]);
  station.server(1).cut();
  station.server(2).cut();
  await station.open().release(station.release(asked));
  await expect.poll(() => station.holders()).toEqual(["", "", ""]);
  expect(heard).toEqual(["released"]);
  station.reconnect();
  await expect.poll(() => heard.length).toBeGreaterThan(1);
});
