import { answerWith } from "../../http/pages.ts";
import { command } from "../command.ts";
import { type CommandSpec, commonOptions } from "../command-spec.ts";
import { DashboardPages } from "../dashboard/dashboard-pages.ts";
import { onlyFor } from "../dashboard/hosts.ts";
import { defaultStore } from "../default-store.ts";
import { oneLine } from "../one-line.ts";
import { openExistingStore } from "../open-store.ts";
import { listenOn } from "../serve/listen.ts";
import { untilSignalled } from "../until-signalled.ts";
import { UsageError } from "../usage-error.ts";

const DEFAULT_ADDRESS = "127.0.0.1:0";

const dashboardSpec = {
  name: "dashboard",
  summary: "show all elections on a web page",
  operands: "[--store URL] [--http HOST:PORT]",
  description:
    "Serves a page with every election of the store: who leads, since when, and every change since the command was started.",
  options: {
    store: commonOptions.store,
    http: { value: "HOST:PORT", help: "where to serve; default: a free port of 127.0.0.1" },
    help: commonOptions.help,
  },
  notes:
    "The page changes nothing. It has no login: everyone who can reach the address sees the names of the leaders.",
} as const satisfies CommandSpec;

/** `incumbent dashboard`: serves the page until it is interrupted. */
export const dashboard = command(dashboardSpec, async ({ options, operands }, io) => {
  if (operands[0] !== undefined) throw new UsageError("dashboard takes no operands.");
  const address = options.store ?? defaultStore(io.env);
  const store = await openExistingStore(address);
  try {
    return await untilSignalled(async (signal) => {
      const pages = new DashboardPages(store, address, signal);
      const { url, stop } = await listenOn(
        options.http ?? DEFAULT_ADDRESS,
        (host) =>
          onlyFor(host, (request, response) => void answerWith(pages.all, request, response)),
        ({ message }) => io.err.write(`incumbent: ${oneLine(message)}\n`),
      );
      io.out.write(`the dashboard is at ${url}\n`);
      try {
        await pages.run();
      } finally {
        stop();
      }
    });
  } finally {
    await store.close();
  }
});
