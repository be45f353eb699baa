import { Elector } from "../../elector/elector.ts";
import { redactAddress } from "../../redact.ts";
import type { LeaseStore } from "../../stores/lease-store.ts";
import type { Options } from "../arguments.ts";
import { command } from "../command.ts";
import { makeDefaultStore } from "../default-store.ts";
import { openStore } from "../open-store.ts";
import type { Output } from "../output.ts";
import { campaign } from "../run/campaign.ts";
import { lineLogger } from "../run/logger.ts";
import { type RunSettings, runSettings } from "../run/settings.ts";
import { runSpec } from "../run/spec.ts";
import { serveHttp } from "../serve/http.ts";
import { notifySystemd } from "../serve/notify.ts";
import { makeWayForInit } from "../supervise/init.ts";
import { UsageError } from "../usage-error.ts";

/** `incumbent run`: runs a command only while this process is the elected leader. */
export const run = command(runSpec, async ({ options, operands, command }, io) => {
  if (operands[0] !== undefined) {
    throw new UsageError(`put the command of run after --; got ${operands[0]} before it.`);
  }
  const settings = runSettings(options, command);
  makeWayForInit((text) => io.err.write(`incumbent: ${text}`));
  const log = io.openLog();
  try {
    return await takePart(settings, options, io.env, log);
  } finally {
    await log.close();
  }
});

/** The longest delay of a timer, in ms: the lease is kept while any process of the command is alive. */
const LONGEST_DRAIN = 2 ** 31 - 1;

async function takePart(
  settings: RunSettings,
  options: Options<typeof runSpec.options>,
  env: NodeJS.ProcessEnv,
  log: Output,
): Promise<number> {
  const { key, ttl, renewalInterval, safetyMargin, nodeId, metadata } = settings;
  const logger = lineLogger(log, options.log ?? "text", options.verbose === true);
  const address = options.store ?? makeDefaultStore(env);
  const store = await openStore(address);
  try {
    const elector = new Elector(store, key, {
      ...{ ttl, renewalInterval, safetyMargin, nodeId, metadata },
      drainTimeout: LONGEST_DRAIN,
      logger,
    });
    const stopServing = await serveHttp(elector, options.http, logger);
    const unnotify = notifySystemd(elector, env);
    const about = { key, nodeId: elector.nodeId, store: redactAddress(address) };
    logger.info(about, `campaigning${reachOf(store)}`);
    try {
      return await campaign({ elector, settings, env, logger }, log);
    } finally {
      await elector.stop();
      stopServing();
      unnotify();
    }
  } finally {
    await store.close();
  }
}

/** Two machines with a file each have two elections, and a leader each. */
function reachOf({ traits }: LeaseStore): string {
  if (traits.name === "sqlite") return " against the processes of this machine only";
  return traits.name === "memory" ? " against no other process" : "";
}
