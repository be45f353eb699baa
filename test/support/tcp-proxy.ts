import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * `pass` forwards; `swallow` reads everything and forwards nothing, with every socket open;
 * `swallow-replies` forwards requests only; `hold` keeps requests back until they are let go.
 *
 * A direction in which bytes were swallowed stays silent for good, also in a later mode: TCP has no gaps.
 */
export type ProxyMode = "pass" | "swallow" | "swallow-replies" | "hold";

/** A TCP proxy on the loopback whose faults are switched while it runs. */
export interface TcpProxy {
  readonly port: number;
  mode: ProxyMode;
  /** The port that new connections are forwarded to. */
  target: number;
  /** How long bytes take each way, in ms. */
  delay: number;
  /** How many clients are connected now. */
  readonly connections: number;
  /** How many pieces were swallowed, and how many are held back. */
  readonly swallowed: number;
  readonly held: number;
  /** Ends every connection. */
  cut(): void;
  /** Resets every connection and refuses new ones, until `listen`. */
  refuse(): Promise<void>;
  /** Accepts connections again, on the same port. */
  listen(): Promise<void>;
  /** Loses everything on the connections that are open now, as a firewall that has forgotten them. Later ones pass. */
  silence(): void;
  /** Ends every connection to the server, of which the clients hear nothing: they are half open. */
  abandon(): void;
  /** Sends on what was held back, in its order, also to servers whose clients have gone. */
  letGo(): void;
  close(): Promise<void>;
}

export async function startProxy(port: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const servers = new Set<Socket>();
  const abandoned = new Set<Socket>();
  const silenced = new WeakSet<Socket>();
  let target = port;
  let delay = 0;
  let swallowed = 0;
  let held: { to: Socket; bytes: Buffer }[] = [];
  let mode: ProxyMode = "pass";

  const track = (socket: Socket, side: Set<Socket>) => {
    sockets.add(socket);
    side.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      side.delete(socket);
    });
  };

  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    track(client, clients);
    track(upstream, servers);
    const toServer = road(upstream, () => delay);
    const toClient = road(client, () => delay);
    const isHeld = () => held.some(({ to }) => to === upstream);
    const lost = { requests: false, replies: false };
    client.on("data", (bytes) => {
      lost.requests ||= mode === "swallow" || silenced.has(client) || abandoned.has(upstream);
      // Nothing overtakes what is held back.
      if (lost.requests) swallowed += 1;
      else if (mode === "hold" || isHeld()) held.push({ to: upstream, bytes });
      else toServer(bytes);
    });
    upstream.on("data", (bytes) => {
      lost.replies ||= mode === "swallow" || mode === "swallow-replies" || silenced.has(client);
      if (lost.replies) swallowed += 1;
      else toClient(bytes);
    });
    // What was held back for the server is still to reach it after the client has gone.
    client.on("close", () => {
      abandoned.delete(upstream);
      if (!isHeld()) upstream.destroy();
    });
    upstream.on("close", () => {
      if (!abandoned.has(upstream)) client.destroy();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const own = (server.address() as AddressInfo).port; // It listens on a port, not on a pipe.

  return {
    port: own,
    get mode() {
      return mode;
    },
    set mode(next) {
      mode = next;
    },
    get target() {
      return target;
    },
    set target(next) {
      target = next;
    },
    get delay() {
      return delay;
    },
    set delay(next) {
      delay = next;
    },
    get connections() {
      return clients.size;
    },
    get swallowed() {
      return swallowed;
    },
    get held() {
      return held.length;
    },
    cut: () => {
      const waiting = new Set(held.map(({ to }) => to));
      for (const socket of sockets) if (!waiting.has(socket)) socket.destroy();
    },
    refuse: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
    listen: async () => {
      server.listen(own, "127.0.0.1");
      await once(server, "listening");
    },
    silence: () => {
      for (const socket of clients) silenced.add(socket);
    },
    abandon: () => {
      for (const socket of servers) {
        abandoned.add(socket);
        socket.destroy();
      }
    },
    letGo: () => {
      for (const { to, bytes } of held) to.write(bytes);
      held = [];
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}

/** The way to one socket: as slow as `delay` says, and in order also when that becomes less. */
function road(to: Socket, delay: () => number): (bytes: Buffer) => void {
  let underWay = 0;
  let last = Promise.resolve();
  return (bytes) => {
    if (delay() === 0 && underWay === 0) {
      to.write(bytes);
      return;
    }
    const due = performance.now() + delay();
    underWay += 1;
    last = last.then(async () => {
      const left = due - performance.now();
      if (left > 0) await sleep(left);
      underWay -= 1;
      to.write(bytes);
    });
  };
}
