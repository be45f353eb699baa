import { once } from "node:events";
import { createServer } from "node:http";
import type { Elector } from "../../elector/elector.ts";
import type { Logger } from "../../elector/log.ts";
import { answerWith, type Pages, pagesOf } from "../../http/pages.ts";
import { UsageError } from "../usage-error.ts";
import { metricsPage } from "./metrics-page.ts";

/** Times in ms after which a silent or slow client is disconnected. */
const LIMITS = { headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 1000 };

/** More than monitors need. Without a limit, clients could use up the descriptors that the election needs. */
const MOST_CONNECTIONS = 100;

/** Serves the pages for orchestrators and monitors, if there is an address. The returned function stops it. */
export async function serveHttp(
  elector: Elector,
  address: string | undefined,
  logger: Logger,
): Promise<() => void> {
  if (address === undefined) return () => {};
  const { host, port } = parseAddress(address);
  const metrics = metricsPage(elector);
  const pages: Pages = new Map([
    ...pagesOf(elector),
    ["/metrics", async () => ({ status: 200, ...(await metrics()) })],
  ]);
  const server = createServer(
    LIMITS,
    (request, response) => void answerWith(pages, request, response),
  );
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
  server.on("error", (error) => logger.warn({ error: error.message }, "--http failed"));
  const bound = server.address();
  const shown = typeof bound === "object" && bound !== null ? bound.port : port;
  logger.info({}, `listening on http://${host.includes(":") ? `[${host}]` : host}:${shown}`);
  return () => {
    server.close();
    server.closeAllConnections();
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
