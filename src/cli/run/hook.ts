import type { StdioOptions } from "node:child_process";
import { Command, newFamily } from "./command.ts";
import type { Guard } from "./guard.ts";
import type { Report } from "./report.ts";
import type { Witness } from "./witness.ts";

/** A hook that takes longer, in ms, is worth a line: the command waits for it, or the next campaign. */
const WORTH_A_LINE = 10_000;

/** What a shell command of the user's needs to run. */
export interface HookRun {
  /** The name of its option. */
  readonly name: string;
  readonly script: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly witness: Witness | undefined;
  /** When it is aborted, the hook is ended with all that it has started. */
  readonly signal: AbortSignal;
  readonly ending: () => NodeJS.Signals;
  /** Asked when it is to be ended: how long it has for that. */
  readonly patience: () => () => boolean;
  readonly guard?: Guard | undefined;
}

/** Runs it to its end or to that of the signal. What it leaves behind when it ends by itself may stay. */
export async function runHook(hook: HookRun, report: Report): Promise<void> {
  const { name, script, env, witness, signal, guard } = hook;
  if (script === undefined || signal.aborted) return;
  const family = newFamily();
  guard?.know(family);
  const stdio: StdioOptions = ["ignore", "inherit", "inherit"];
  const command = new Command(family, [script], { env, witness, stdio, shell: true });
  guard?.know(family);
  const slow = setTimeout(() => report.note(`${name} has run for 10 s and goes on`), WORTH_A_LINE);
  const end = await Promise.race([command.ended, aborted(signal)]);
  clearTimeout(slow);
  if (end === undefined) {
    report.failed(`${name} was ended before its time`);
    await command.end(hook.ending(), hook.patience(), (reluctance) =>
      report.reluctant(name, reluctance),
    );
  } else {
    command.leave();
    if (end.failure !== undefined) report.failed(`${name} cannot be run: ${end.failure}`);
    else if (end.code !== 0) report.failed(`${name} ended with ${end.signal ?? end.code}`);
  }
  guard?.forget(family);
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
