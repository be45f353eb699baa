import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * A TCP proxy to a server on the loopback. While it is silent it forwards nothing, with every connection open,
 * as a network does that loses packets; afterwards it delivers what was sent meanwhile.
 */
export async function startProxy(target) {
  const sockets = new Set();
  let isSilent = false;
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const upstream = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      sockets.add(from);
      from.on("data", (bytes) => to.write(bytes));
      from.on("error", () => from.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      if (isSilent) from.pause();
      else from.resume();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    silence: () => {
      isSilent = true;
      for (const socket of sockets) socket.pause();
    },
    speak: () => {
      isSilent = false;
      for (const socket of sockets) socket.resume();
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
