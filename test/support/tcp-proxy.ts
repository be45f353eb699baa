import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * `pass` forwards; `swallow` reads everything and forwards nothing, with every socket open;
 * `swallow-replies` forwards requests only; `hold` keeps requests back until they are let go.
 */
export type ProxyMode = "pass" | "swallow" | "swallow-replies" | "hold";

/** A TCP proxy on the loopback whose faults are switched while it runs. */
export interface TcpProxy {
  readonly port: number;
  mode: ProxyMode;
  /** Ends every connection. */
  cut(): void;
  /** Sends on what was held back, in its order, also to servers whose clients have gone. */
  letGo(): void;
  close(): Promise<void>;
}

export async function startProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
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
    client.on("data", (bytes) => {
      if (mode === "hold") held.push({ to: upstream, bytes });
      else if (mode !== "swallow") upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (mode === "pass" || mode === "hold") client.write(bytes);
    });
    // What was held back for the server is still to reach it after the client has gone.
    client.on("close", () => {
      if (!held.some(({ to }) => to === upstream)) upstream.destroy();
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
