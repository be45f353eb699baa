import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { systemClock } from "../../elector/clock.ts";
import type { Elector } from "../../elector/elector.ts";
import { randomId } from "../../elector/environment.ts";
import type { Term } from "../../elector/term.ts";
import { LeadershipLostError } from "../../errors.ts";
import { Command, type CommandEnd } from "./command.ts";
import { Guard } from "./guard.ts";
import type { RunSettings } from "./settings.ts";
import { MARKER } from "./survivors.ts";

/** How a term ended: by the command itself, or because leadership was lost. */
export type TermEnd =
  | { readonly by: "command"; readonly end: CommandEnd }
  | { readonly by: "loss" };

/** The signals that are passed on to the command while it runs. */
export interface Reins {
  /** The signal that ends everything, once there was one. */
  readonly ending: NodeJS.Signals | undefined;
  /** Where signals go from now on, until the returned function is called. */
  drive(command: Command): () => void;
}

/** Kept back from the end of the lease: time for SIGKILL to do its work. */
const KILL_ALLOWANCE = 0.25;

/** One term: the command runs from its beginning to its end, and nothing of it beyond. */
export async function serveTerm(
  elector: Elector,
  term: Term,
  settings: RunSettings,
  reins: Reins,
  env: NodeJS.ProcessEnv,
): Promise<TermEnd> {
  const { statusFile, grace, safetyMargin } = settings;
  const clock = systemClock();
  const margin = safetyMargin * (1 - KILL_ALLOWANCE);
  // When the command must be dead, whatever becomes of the store from now on.
  let killAt = clock.now() + term.remaining() + margin;
  const variables = {
    ...env,
    INCUMBENT_KEY: term.key,
    INCUMBENT_NODE_ID: term.nodeId,
    INCUMBENT_TOKEN: String(term.token),
  };
  await runHook(settings.onElected, variables, term.signal);
  if (term.signal.aborted) return { by: "loss" };
  const mark = randomId();
  const guard = new Guard(mark, grace, statusFile, killAt - clock.now());
  const command = new Command(settings.command, mark, variables);
  if (command.family !== undefined) guard.know(command.family);
  const unlisten = elector.on("renewed", () => {
    killAt = clock.now() + term.remaining() + margin;
    guard.extend(killAt - clock.now());
  });
  const release = reins.drive(command);
  if (statusFile !== undefined) writeFileSync(statusFile, statusOf(term));
  try {
    const end = await Promise.race([command.ended, aborted(term.signal)]);
    if (statusFile !== undefined) rmSync(statusFile, { force: true });
    const patience = isOver(term) ? 0 : Math.min(grace, killAt - clock.now());
    await command.end(reins.ending ?? "SIGTERM", patience);
    await runHook(settings.onLost, variables, AbortSignal.timeout(Math.max(1, grace)));
    return end === undefined ? { by: "loss" } : { by: "command", end };
  } finally {
    release();
    unlisten();
    guard.dismiss();
  }
}

/** After a pause, or when somebody else has the lease, there is no time left at all. */
function isOver({ signal }: Term): boolean {
  const { reason } = signal;
  return reason instanceof LeadershipLostError && ["expired", "superseded"].includes(reason.reason);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

function statusOf({ key, nodeId, token, since }: Term): string {
  return `${JSON.stringify({ key, nodeId, token, since, pid: process.pid })}\n`;
}

/** A shell command of the user's. What it answers changes nothing; it ends with the signal. */
async function runHook(
  hook: string | undefined,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  if (hook === undefined || signal.aborted) return;
  const { [MARKER]: _, ...clean } = env;
  const child = spawn(hook, { shell: true, stdio: ["ignore", "inherit", "inherit"], env: clean });
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  await once(child, "exit").catch(() => {});
  signal.removeEventListener("abort", kill);
}
