import type { Socket } from "node:net";
import { builtin } from "../../builtin.ts";
import type { Settings } from "./mysql-client.ts";

/** An idle connection that died is noticed 10 s after this, for the system probes it every second. */
const KEEP_ALIVE = 5000;

/**
 * The socket of a connection. It is opened here, because to end a connection at once is to destroy its socket: mysql2
 * only says goodbye, which a dead network keeps for minutes, and mariadb opens another connection to kill the
 * statement, which may be a commit.
 */
export function openSocket(settings: Settings): Socket {
  const socket = socketFor(settings);
  // The library reports what it hears of this. Without a listener, an error would end the process.
  socket.on("error", () => {});
  return socket;
}

function socketFor(settings: Settings): Socket {
  const { host = "localhost", port = 3306, socketPath, localAddress, stream } = settings;
  // Checked to be one, and it makes what the library expects of it.
  if (typeof stream === "function") return stream(settings) as Socket;
  if (socketPath !== undefined) return builtin.net.connect(socketPath);
  const local = typeof localAddress === "string" ? { localAddress } : {};
  const socket = builtin.net.connect({ host, port, ...local });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE);
  return socket;
}
