import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { UsageError } from "../usage-error.ts";

/** Times in ms after which a silent or slow client is disconnected. */
const LIMITS = { headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 1000 };

/** More than monitors need. Without a limit, clients could use up the descriptors that the election needs. */
const MOST_CONNECTIONS = 100;

export interface Listening {
  /** For people. */
  readonly url: string;
  stop(): void;
}

/** Listens on the address of `--http`, of whose host the listener may know. Throws a {@link UsageError} if it cannot. */
export async function listenOn(
  address: string,
  listenerFor: (host: string) => RequestListener,
  onError: (error: Error) => void,
): Promise<Listening> {
  const { host, port } = parseAddress(address);
  const server = createServer(LIMITS, listenerFor(host));
  server.maxConnections = MOST_CONNECTIONS;
  // CONNECT is the only method that Node.js does not emit as a request.
  server.on("connect", (_request, socket) => {
    socket.on("error", () => {});
    socket.end(
      `HTTP/1.1 405 Method Not Allowed\r\nallow: GET, HEAD\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    );
  });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw cannotListen(address, error);
  }
  // For example too many open files. Only that connection is lost.
  server.on("error", onError);
  const bound = server.address();
  const shown = typeof bound === "object" && bound !== null ? bound.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${shown}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function cannotListen(address: string, error: unknown): UsageError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const why =
    {
      EADDRINUSE: "another process uses the port",
      EADDRNOTAVAIL: "this machine has no such address",
      EACCES: "this user may not listen on that port",
      ENOTFOUND: "the host name cannot be resolved",
    }[String(code)] ?? (error instanceof Error ? error.message : String(error));
  return new UsageError(`cannot listen on --http ${address}: ${why}.`, { seeHelp: false });
}

/** `127.0.0.1:8080`, `[::1]:8080`, `:8080` or `8080`; 127.0.0.1 if there is no host. */
function parseAddress(address: string): { host: string; port: number } {
  const [, host = "", digits = ""] = /^(?:(.*):)?(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65535) {
    const example = "127.0.0.1:8080";
    throw new UsageError(
      `--http must be HOST:PORT such as ${example}; got ${JSON.stringify(address)}.`,
    );
  }
  return { host: host.replace(/^\[|\]$/g, "") || "127.0.0.1", port };
}
