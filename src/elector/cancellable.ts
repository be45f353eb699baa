import { checkOptions, invalid } from "../input.ts";

/** An operation that a signal can end. */
export interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The signal of the options, which have no other name than those given. Throws `INCUMBENT_INVALID_OPTION`, also for a
 * signal in the place of the options: it has no property of that name, and would never end anything.
 */
export function signalOf(
  options: Cancellable,
  names: readonly string[] = ["signal"],
): AbortSignal | undefined {
  const example = "{ signal: AbortSignal.timeout(5000) }";
  if (isSignal(options)) {
    const rule = "must be an object that has the signal as a property";
    throw invalid({ name: "options", rule, value: options, example });
  }
  const { signal } = checkOptions(options, names, example);
  if (signal === undefined || isSignal(signal)) return signal;
  throw invalid({ name: "signal", rule: "must be an AbortSignal", value: signal, example });
}

/** By what it can do: a test runner may have classes of its own. */
function isSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value
  );
}
