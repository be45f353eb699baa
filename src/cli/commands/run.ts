import { setTimeout as sleep } from "node:timers/promises";
import { Elector } from "../../elector/elector.ts";
import { parseArguments } from "../arguments.ts";
import { helpOf } from "../command-spec.ts";
import { defaultStore } from "../default-store.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { openStore } from "../open-store.ts";
import { exitCodeOf } from "../run/command.ts";
import { serveHttp } from "../run/http.ts";
import { makeWayForInit } from "../run/init.ts";
import { lineLogger } from "../run/logger.ts";
import { notifySystemd } from "../run/notify.ts";
import { type RunSettings, runSettings } from "../run/settings.ts";
import { EndedBySignal, SignalReins } from "../run/signals.ts";
import { runSpec } from "../run/spec.ts";
import { serveTerm, type TermEnd } from "../run/term-of-office.ts";
import { UsageError } from "../usage-error.ts";

/** `incumbent run`: a command that runs in one place at a time. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const split = args.indexOf("--");
  const own = split === -1 ? args : args.slice(0, split);
  const command = split === -1 ? [] : args.slice(split + 1);
  const { options, operands } = parseArguments(own, runSpec, io.env);
  if (options.help === true) {
    io.out.write(helpOf(runSpec));
    return exitCodes.ok;
  }
  if (operands[0] !== undefined) {
    throw new UsageError(`run takes its command after --; got ${operands[0]} before it.`);
  }
  const settings = runSettings(options, command);
  makeWayForInit((text) => io.err.write(`incumbent: ${text}`));
  const { key, ttl, renewalInterval, safetyMargin, grace, nodeId, metadata } = settings;
  const logger = lineLogger(io.err, options.log ?? "text", options.verbose === true);
  const store = await openStore(options.store ?? defaultStore(io.env));
  const elector = new Elector(store, key, {
    ...{ ttl, renewalInterval, safetyMargin, nodeId, metadata },
    drainTimeout: grace * 2 + ttl,
    logger,
  });
  try {
    const stopServing = await serveHttp(elector, options.http, logger);
    const unnotify = notifySystemd(elector, io.env);
    try {
      return await campaign(elector, settings, io.env);
    } finally {
      await elector.stop();
      stopServing();
      unnotify();
    }
  } finally {
    await store.close();
  }
}

/** How far apart two processes may hear of one signal, in ms. */
const TOGETHER = 10;

/** Leads until the command has ended by itself, or a signal ends everything. */
async function campaign(
  elector: Elector,
  settings: RunSettings,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const ending = new AbortController();
  const reins = new SignalReins((reason) => ending.abort(reason));
  let last: TermEnd | undefined;
  try {
    await elector.lead(
      async (term) => {
        last = await serveTerm(elector, term, settings, reins, env);
        // Ctrl-C goes to the command and to us together, and of its end we may hear first.
        await sleep(TOGETHER);
        // The command's own end is the end, also if leadership was lost in the same moment.
        if (last.by === "command" || settings.once) ending.abort(last);
      },
      { signal: ending.signal },
    );
  } catch (error) {
    if (error instanceof EndedBySignal) return error.exitCode;
    if (error !== last) return codeOfStartFailure(error);
  } finally {
    reins.letGo();
  }
  return last?.by === "command" ? exitCodeOf(last.end) : exitCodes.lost;
}

/** As a shell says it: 127 not found, 126 not executable. Anything else is thrown. */
function codeOfStartFailure(error: unknown): number {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "ENOENT" && code !== "EACCES") throw error;
  process.stderr.write(`incumbent: ${error instanceof Error ? error.message : String(error)}\n`);
  return code === "ENOENT" ? 127 : 126;
}
