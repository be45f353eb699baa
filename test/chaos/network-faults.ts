import { setTimeout as sleep } from "node:timers/promises";
import type { TcpProxy } from "../support/tcp-proxy.ts";
import { drawDuration, drawSeat, type Fault } from "./fault.ts";

/** What happens between one candidate, or all of them, and the server. */
function network(
  name: string,
  disturb: (proxy: TcpProxy, duration: number) => Promise<void>,
): Fault {
  return {
    name,
    area: "network",
    draw: (chance) => {
      const seatOf = drawSeat(chance);
      const duration = drawDuration(chance);
      const hitsAll = chance.fraction() < 0.15;
      return async (stage) => {
        const seats = hitsAll ? stage.seats : [seatOf(stage)];
        stage.note(`${name}: ${seats.map(({ candidate }) => candidate.name)} for ${duration} ms`);
        await Promise.all(seats.map(({ proxy }) => proxy && disturb(proxy, duration)));
      };
    },
  };
}

export const networkFaults: readonly Fault[] = [
  network("connections cut", async (proxy) => proxy.cut()),
  network("connections half open", async (proxy) => proxy.abandon()),
  network("black hole", async (proxy, duration) => {
    proxy.mode = "swallow";
    await sleep(duration);
    proxy.mode = "pass";
  }),
  network("replies swallowed", async (proxy, duration) => {
    proxy.mode = "swallow-replies";
    await sleep(duration);
    proxy.mode = "pass";
  }),
  network("replies swallowed, then cut", async (proxy, duration) => {
    proxy.mode = "swallow-replies";
    await sleep(duration);
    proxy.mode = "pass";
    proxy.cut();
  }),
  network("requests held up", async (proxy, duration) => {
    proxy.mode = "hold";
    await sleep(duration);
    proxy.mode = "pass";
    proxy.letGo();
  }),
  network("slow network", async (proxy, duration) => {
    proxy.delay = Math.round(duration / 4);
    await sleep(600);
    proxy.delay = 0;
  }),
];
