import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { PollingStation } from "./polling-station.ts";

function warnings(): Error[] {
  const heard: Error[] = [];
  const onWarning = (warning: Error) => heard.push(warning);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  return heard;
}

test("eleven servers are asked for everything without a warning", async () => {
  const heard = warnings();
  const station = new PollingStation(11);
  const store = station.open();
  const { asked, token } = await station.win(store);
  await store.renew(station.renewal(asked, token));
  await store.read(station.release(asked));
  await store.keys(station.release(asked));
  // Its votes are withdrawn from all of them.
  for (const server of station.servers.slice(5)) server.isDown = true;
  await expect(station.open().acquire(station.attempt({}, "other"))).rejects.toThrow(/are needed/);
  for (const server of station.servers) server.isDown = false;
  await store.release(station.release(asked));
  await turn();
  expect(heard).toEqual([]);
});
