import type { Elector } from "../../elector/elector.ts";
import type { LeaderInfo } from "../../elector/term.ts";
import { leaderJson } from "../leader-json.ts";
import { metricsPage } from "./metrics-page.ts";

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The pages about an elector for orchestrators and monitors, by path. */
export type Pages = ReadonlyMap<string, () => Promise<Answer>>;

export function pagesOf(elector: Elector): Pages {
  const isReady = readiness(elector);
  const metrics = metricsPage(elector);
  return new Map([
    ["/livez", async () => text(200, "alive")],
    [
      "/readyz",
      async () => (isReady() ? text(200, "ready") : text(503, "the store does not answer")),
    ],
    ["/metrics", async () => ({ status: 200, ...(await metrics()) })],
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

export function text(status: number, body: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${body}\n` };
}

/**
 * Whether the elector can take part in the election, that is, whether its own requests reach the store.
 * Failed reads do not count: a caller made them and may never repeat them.
 */
function readiness(elector: Elector): () => boolean {
  const failing = new Set<string>();
  elector.on("storeError", ({ operation }) => {
    if (operation !== "read") failing.add(operation);
  });
  elector.on("storeRecovered", ({ operation }) => {
    failing.delete(operation);
  });
  return () => failing.size === 0;
}

/** If this process leads, the answer comes from its own term, even if the store is unreachable. */
async function leaderOf(elector: Elector): Promise<LeaderInfo | undefined> {
  const { term } = elector;
  if (term === undefined) return elector.leader();
  const { key, nodeId, token, since } = term;
  return { key, nodeId, token, since, expiresIn: term.remaining(), metadata: elector.metadata };
}
