import type { IncomingMessage, ServerResponse } from "node:http";
import type { Elector } from "../elector/elector.ts";
import type { LeaderInfo } from "../elector/terms/term.ts";
import { leaderJson } from "./leader-json.ts";
import { readiness } from "./readiness.ts";
import { pathOf } from "./request-target.ts";

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Pages for orchestrators and monitors, by path. */
export type Pages = ReadonlyMap<string, () => Promise<Answer>>;

/** Make them once for each elector: `/readyz` knows what has happened since. */
export function pagesOf(elector: Elector): Pages {
  const isReady = readiness(elector);
  return new Map([
    ["/livez", async () => text(200, "alive")],
    [
      "/readyz",
      async () => (isReady() ? text(200, "ready") : text(503, "the store does not answer")),
    ],
    [
      "/leader",
      async () => ({
        status: elector.isLeader() ? 200 : 503,
        type: "application/json",
        body: `${JSON.stringify(leaderJson(elector.key, await leaderOf(elector)))}\n`,
      }),
    ],
  ]);
}

const ALLOWED = "GET, HEAD";

/** Answers any request, also one for no page. */
export async function answerWith(
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

function text(status: number, body: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${body}\n` };
}

/** If this process leads, the answer comes from its own term, even if the store is unreachable. */
async function leaderOf(elector: Elector): Promise<LeaderInfo | undefined> {
  const { term } = elector;
  if (term === undefined) return elector.leader();
  const { key, nodeId, token, since } = term;
  return { key, nodeId, token, since, expiresIn: term.remaining(), metadata: elector.metadata };
}
