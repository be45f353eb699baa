import type { Options } from "../arguments.ts";
import { parseDuration } from "../duration.ts";
import { checkStatusFile } from "../serve/status-file.ts";
import { UsageError } from "../usage-error.ts";
import type { runSpec } from "./spec.ts";

/** The checked options of `run`. Durations are in ms. */
export interface RunSettings {
  readonly key: string;
  readonly command: readonly string[];
  readonly ttl: number;
  readonly renewalInterval: number;
  /** The time to kill the command: from the end of trust to the end of the lease. */
  readonly safetyMargin: number;
  readonly grace: number;
  readonly nodeId: string | undefined;
  readonly metadata: string | undefined;
  /** Whether to end when leadership is lost, instead of campaigning again. */
  readonly once: boolean;
  /** How long to wait for the first term: 0 for a single attempt, `undefined` for ever. */
  readonly patience: number | undefined;
  readonly onElected: string | undefined;
  readonly onLost: string | undefined;
  readonly statusFile: string | undefined;
}

/** Checks the options of the command line. Throws a {@link UsageError}. */
export function runSettings(
  options: Options<typeof runSpec.options>,
  command: readonly string[],
): RunSettings {
  const { key } = options;
  if (key === undefined) throw new UsageError("run needs --key KEY, the name of the election.");
  if (command.length === 0) {
    throw new UsageError(
      "run needs a command after --, as in: incumbent run --key jobs -- node worker.js",
    );
  }
  const patience = patienceOf(options);
  const ttl = parseDuration("ttl", options.ttl ?? "10s");
  const grace = parseDuration("grace", options.grace ?? "5s");
  const statusFile = options["status-file"];
  return {
    key,
    command,
    ttl,
    renewalInterval:
      options.renew === undefined ? Math.round(ttl * 0.3) : parseDuration("renew", options.renew),
    safetyMargin: marginFor(ttl, grace),
    grace,
    nodeId: options["node-id"],
    metadata: options.metadata,
    once: options.once === true || patience !== undefined,
    patience,
    onElected: options["on-elected"],
    onLost: options["on-lost"],
    statusFile: statusFile === undefined ? undefined : checkStatusFile(statusFile),
  };
}

function patienceOf(options: Options<typeof runSpec.options>): number | undefined {
  const { try: once, wait } = options;
  if (once === true && wait !== undefined) {
    throw new UsageError("--try is the same as --wait 0s: give one of the two.");
  }
  if (once === true) return 0;
  return wait === undefined ? undefined : parseDuration("wait", wait);
}

/**
 * The time from SIGTERM to SIGKILL if the store is unreachable: the grace, but at most a quarter and at
 * least a tenth of the ttl.
 */
function marginFor(ttl: number, grace: number): number {
  return Math.round(Math.max(ttl * 0.1, Math.min(grace, ttl * 0.25)));
}
