import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { Elector } from "../../elector/elector.ts";
import type { LeaderInfo } from "../../elector/term.ts";
import type { Logger } from "../../observability/log.ts";
import { leaderJson } from "../leader-json.ts";
import { UsageError } from "../usage-error.ts";
import { metricsPage } from "./metrics-page.ts";

type Page = () => Promise<{ status: number; type: string; body: string }>;

/** Serves what orchestrators and monitors ask, if an address is given. Returns how to stop it. */
export async function serveHttp(
  elector: Elector,
  address: string | undefined,
  logger: Logger,
): Promise<() => void> {
  if (address === undefined) return () => {};
  const { host, port } = parseAddress(address);
  const pages = pagesOf(elector);
  const server = createServer((request, response) => {
    const page = pages[new URL(request.url ?? "/", "http://localhost").pathname];
    void answer(page, response);
  });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--http ${address}: ${text}`);
  }
  const bound = server.address();
  const shown = typeof bound === "object" && bound !== null ? bound.port : port;
  logger.info({}, `listening on http://${host}:${shown}`);
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

function pagesOf(elector: Elector): Readonly<Record<string, Page>> {
  let failing = false;
  elector.on("storeError", () => {
    failing = true;
  });
  elector.on("storeRecovered", () => {
    failing = false;
  });
  const metrics = metricsPage(elector);
  const text = (status: number, body: string) => ({
    status,
    type: "text/plain",
    body: `${body}\n`,
  });
  return {
    "/livez": async () => text(200, "alive"),
    "/metrics": async () => ({ status: 200, ...(await metrics()) }),
    "/readyz": async () => (failing ? text(503, "the store does not answer") : text(200, "ready")),
    "/leader": async () => ({
      status: elector.isLeader() ? 200 : 503,
      type: "application/json",
      body: `${JSON.stringify(leaderJson(elector.key, await leaderOf(elector)))}\n`,
    }),
  };
}

/** The leader knows that it leads, also when the store is out of reach. */
async function leaderOf(elector: Elector): Promise<LeaderInfo | undefined> {
  const { term } = elector;
  if (term === undefined) return elector.leader();
  const { key, nodeId, token, since } = term;
  return { key, nodeId, token, since, expiresIn: term.remaining(), metadata: elector.metadata };
}

async function answer(page: Page | undefined, response: ServerResponse): Promise<void> {
  try {
    const { status, type, body } = (await page?.()) ?? {
      ...{ status: 404, type: "text/plain" },
      body: "There are /leader, /livez, /readyz and /metrics.\n",
    };
    response.writeHead(status, { "content-type": type }).end(body);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    response.writeHead(503, { "content-type": "text/plain" }).end(`${text}\n`);
  }
}

/** `127.0.0.1:8080`, `[::1]:8080`, `:8080` or `8080`; the loopback unless another host is named. */
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
