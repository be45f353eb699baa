import type { Elector } from "../../elector/elector.ts";
import type { Logger } from "../../elector/log.ts";
import { answerWith, type Pages, pagesOf } from "../../http/pages.ts";
import { listenOn } from "./listen.ts";
import { metricsPage } from "./metrics-page.ts";

/** Serves the pages for orchestrators and monitors, if there is an address. The returned function stops it. */
export async function serveHttp(
  elector: Elector,
  address: string | undefined,
  logger: Logger,
): Promise<() => void> {
  if (address === undefined) return () => {};
  const metrics = metricsPage(elector);
  const pages: Pages = new Map([
    ...pagesOf(elector),
    ["/metrics", async () => ({ status: 200, ...(await metrics()) })],
  ]);
  const { url, stop } = await listenOn(
    address,
    () => (request, response) => void answerWith(pages, request, response),
    (error) => logger.warn({ error: error.message }, "--http failed"),
  );
  logger.info({}, `listening on ${url}`);
  return stop;
}
