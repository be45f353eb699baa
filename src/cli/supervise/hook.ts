import { Command, newFamily } from "./command.ts";
import type { Guard } from "./guard.ts";
import { startGuarded } from "./guarded-start.ts";
import type { Report } from "./report.ts";
import type { Witness } from "./witness.ts";

/** A hook that takes longer than this, in ms, is logged, because the command or the next campaign waits for it. */
const WORTH_A_LINE = 10_000;

/** A shell command of the user, and what it needs to run. */
export interface HookRun {
  /** The name of its option, such as `--on-lost`. */
  readonly name: string;
  readonly script: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly witness: Witness | undefined;
  /** When this is aborted, the hook and all that it has started are ended. */
  readonly signal: AbortSignal;
  readonly ending: () => NodeJS.Signals;
  /** Called when the hook is to be ended. The result says when to send SIGKILL. */
  readonly patience: () => () => boolean;
  readonly guard?: Guard | undefined;
}

/** Runs the hook until it ends or the signal is aborted. If it ends by itself, processes that it started may stay. */
export async function runHook(hook: HookRun, report: Report): Promise<void> {
  const { name, script, env, witness, signal, guard } = hook;
  if (script === undefined || signal.aborted) return;
  const around = { env, witness, stdin: "ignore", shell: true } as const;
  const command =
    guard === undefined
      ? new Command(newFamily(), [script], around)
      : startGuarded(guard, [script], around, () => !signal.aborted);
  const slow = setTimeout(() => report.note(`${name} is still running after 10 s`), WORTH_A_LINE);
  const end = await Promise.race([command.ended, aborted(signal)]);
  clearTimeout(slow);
  if (end === undefined) {
    report.failed(`${name} was ended before it was finished`);
    await command.end(hook.ending(), hook.patience(), (reluctance) =>
      report.reluctant(name, reluctance),
    );
  } else {
    command.leave();
    if (end.failure !== undefined) report.failed(`${name} cannot be run: ${end.failure}`);
    else if (end.code !== 0) report.failed(`${name} ended with ${end.signal ?? end.code}`);
  }
  guard?.forget(command.family);
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
