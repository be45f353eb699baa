import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

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
  /** How many clients are connected now. */
  readonly connections: number;
  /** How many pieces were swallowed, and how many are held back. */
  readonly swallowed: number;
  readonly held: number;
  /** Ends every connection. */
  cut(): void;
  /** Sends on what was held back, in its order, also to servers whose clients have gone. */
  letGo(): void;
  close(): Promise<void>;
}

/** `delay`: how long to keep each piece that a client sends, in ms; nothing overtakes it. */
export async function startProxy(
  target: number,
  { delay }: { delay?: () => number } = {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let swallowed = 0;
  let held: { to: Socket; bytes: Buffer }[] = [];
  let mode: ProxyMode = "pass";

  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };

  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    track(client);
    track(upstream);
    clients.add(client);
    const isHeld = () => held.some(({ to }) => to === upstream);
    const lost = { requests: false, replies: false };
    let sent = Promise.resolve();
    const send = (bytes: Buffer) => {
      if (delay === undefined) return void upstream.write(bytes);
      const due = new Promise((resolve) => setTimeout(resolve, delay()));
      sent = sent.then(() => due).then(() => void upstream.write(bytes));
    };
    client.on("data", (bytes) => {
      lost.requests ||= mode === "swallow";
      // Nothing overtakes what is held back.
      if (lost.requests) swallowed += 1;
      else if (mode === "hold" || isHeld()) held.push({ to: upstream, bytes });
      else send(bytes);
    });
    upstream.on("data", (bytes) => {
      lost.replies ||= mode === "swallow" || mode === "swallow-replies";
      if (lost.replies) swallowed += 1;
      else client.write(bytes);
    });
    // What was held back for the server is still to reach it after the client has gone.
    client.on("close", () => {
      clients.delete(client);
      if (!isHeld()) upstream.destroy();
    });
    upstream.on("close", () => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port, // It listens on a port, not on a pipe.
    get mode() {
      return mode;
    },
    set mode(next) {
      mode = next;
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
    letGo: () => {
      for (const { to, bytes } of held) to.write(bytes);
      held = [];
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
