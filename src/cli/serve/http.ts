import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Elector } from "../../elector/elector.ts";
import type { Logger } from "../../elector/log.ts";
import { UsageError } from "../usage-error.ts";
import { type Answer, type Pages, pagesOf, text } from "./pages.ts";

/** Times in ms after which a silent or slow client is disconnected. */
const LIMITS = { headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 1000 };

/** More than monitors need. Without a limit, clients could use up the descriptors that the election needs. */
const MOST_CONNECTIONS = 100;

const ALLOWED = "GET, HEAD";

/** Serves the pages for orchestrators and monitors, if there is an address. The returned function stops it. */
export async function serveHttp(
  elector: Elector,
  address: string | undefined,
  logger: Logger,
): Promise<() => void> {
  if (address === undefined) return () => {};
  const { host, port } = parseAddress(address);
  const pages = pagesOf(elector);
  const server = createServer(LIMITS, (request, response) => void answer(pages, request, response));
  server.maxConnections = MOST_CONNECTIONS;
  // CONNECT is the only method that Node.js does not emit as a request.
  server.on("connect", (_request, socket) => {
    socket.on("error", () => {});
    socket.end(
      `HTTP/1.1 405 Method Not Allowed\r\nallow: ${ALLOWED}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
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

async function answer(
  pages: Pages,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, type, body } = await answerTo(pages, request);
  response
    .writeHead(status, {
      ...{ "content-type": type, "content-length": Buffer.byteLength(body) },
      ...(status === 405 && { allow: ALLOWED }),
    })
    .end(body);
}

async function answerTo(pages: Pages, { method, url = "" }: IncomingMessage): Promise<Answer> {
  if (method !== "GET" && method !== "HEAD")
    return text(405, `Method not allowed. Use ${ALLOWED}.`);
  const path = pathOf(url);
  if (path === undefined) return text(400, "The request has no path.");
  try {
    const known = [...pages.keys()].join(", ");
    return (await pages.get(path)?.()) ?? text(404, `Not found. Available: ${known}.`);
  } catch (error) {
    return text(503, error instanceof Error ? error.message : String(error));
  }
}

/** The path of `/path?query`, or of the whole URL that a proxy sends. `//x` is a path, not a host. */
function pathOf(target: string): string | undefined {
  if (target.startsWith("/")) return target.split("?", 1)[0];
  return /^https?:\/\//i.test(target) && URL.canParse(target)
    ? new URL(target).pathname
    : undefined;
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
