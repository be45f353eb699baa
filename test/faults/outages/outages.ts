import { setTimeout as sleep } from "node:timers/promises";
import { Elector } from "../../../src/index.ts";
import { type Random, randomOf } from "../../chaos/random.ts";
import type { Servers } from "../../chaos/servers.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { connect } from "../connect.mjs";

/** What an outage is, as the clients see it. */
export const KINDS = {
  /** Connections are reset, and new ones refused: the server's process is away. */
  refused: { begin: (proxy: TcpProxy) => proxy.refuse(), end: (proxy: TcpProxy) => proxy.listen() },
  /** Packets are lost, also those of new connections. What was lost stays so: see `ProxyMode`. */
  silent: {
    begin: (proxy: TcpProxy) => setMode(proxy, "swallow"),
    end: (proxy: TcpProxy) => setMode(proxy, "pass"),
  },
  /** Packets of the connections that are open are lost for good, and new ones pass. */
  forgotten: { begin: (proxy: TcpProxy) => proxy.silence(), end: () => {} },
};

export type Kind = keyof typeof KINDS;

function setMode(proxy: TcpProxy, mode: "swallow" | "pass"): void {
  proxy.mode = mode;
}

/** An outage of so many `ttl`s is survived, whenever it begins: docs/guide/tuning.md says 0.45. */
export const SURVIVED = 0.44;

/** What is repeated, how often. */
export interface Series {
  readonly client: string;
  readonly kind: Kind;
  /** In ms. */
  readonly ttl: number;
  readonly outages: number;
  readonly seed: number;
  onOutage(): void;
}

/** What came of it. */
export interface Met {
  /** For each lost term, when its outage had begun. */
  readonly lost: readonly string[];
  /** In how many outages this process stood still for so long that a lost term says nothing. */
  readonly slow: number;
}

/**
 * A leader with a connection of its own meets outages, one after the other, each at another moment between two
 * renewals.
 */
export async function meetOutages(servers: Servers, series: Series): Promise<Met> {
  const { client, kind, ttl, outages, seed, onOutage } = series;
  const random = randomOf(seed);
  const proxy = await startProxy(portOf(servers));
  const { store, close } = await connect(servers.address(client, proxy.port));
  const elector = new Elector(store, `${client} ${kind} ${ttl} ${seed}`, { ttl });
  const lost: string[] = [];
  let slow = 0;
  try {
    await elector.start();
    for (let outage = 0; outage < outages; outage += 1) {
      const { isLost, isSlow, after } = await meetOne(elector, { proxy, kind, ttl, random });
      if (isSlow) slow += 1;
      else if (isLost) lost.push(`${Math.round(after)} ms after a renewal`);
      onOutage();
    }
  } finally {
    await elector.stop();
    await close();
    await proxy.close();
  }
  return { lost, slow };
}

interface Scene {
  readonly proxy: TcpProxy;
  readonly kind: Kind;
  readonly ttl: number;
  readonly random: Random;
}

async function meetOne(elector: Elector, { proxy, kind, ttl, random }: Scene) {
  const led = await renewed(elector);
  const after = random.fraction() * 0.3 * ttl;
  const stoodStill = watchStandstills();
  await sleep(after);
  await KINDS[kind].begin(proxy);
  await sleep(SURVIVED * ttl);
  await KINDS[kind].end(proxy);
  await renewed(elector);
  return { after, isLost: elector.term?.token !== led, isSlow: stoodStill() > ttl / 20 };
}

/** Returns what ends the watch, and says for how long this process stood still meanwhile, in ms. */
function watchStandstills(): () => number {
  const every = 10;
  let [last, sum] = [performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    sum += Math.max(0, now - last - 2 * every);
    last = now;
  }, every);
  return () => {
    clearInterval(timer);
    return sum;
  };
}

/** Waits for the next renewal, of this term or of another one, and returns its token. */
function renewed(elector: Elector): Promise<number> {
  return new Promise((resolve) => {
    const off = elector.on("renewed", ({ term }) => {
      off();
      resolve(term.token);
    });
  });
}

function portOf({ port }: Servers): number {
  if (port === undefined) throw new Error("no network, and so no outage");
  return port;
}
