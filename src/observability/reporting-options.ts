import { invalid, visibleName } from "../input.ts";
import type { MeasuredElector } from "./measurements.ts";

// What the options of every exporter have in common.

/** Throws `INCUMBENT_INVALID_OPTION` if this is no elector. */
export function checkElector(elector: MeasuredElector): void {
  if (hasMethods(elector, "on", "isLeader")) return;
  const example = 'new RedisElector(client, "billing:scheduler")';
  throw invalid({ name: "elector", rule: "must be an elector", value: elector, example });
}

/** The name under which an elector reports. */
export function parseName(
  elector: MeasuredElector,
  { name = elector.key }: { readonly name?: string | undefined },
): string {
  return visibleName("name", name, { min: 1, max: 512, example: '"billing:scheduler"' });
}

/** Whether it is an object, or a module, with these functions. */
export function hasMethods(value: unknown, ...methods: string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  // Only looked at: whether each is a function.
  return methods.every(
    (method) => typeof (value as Record<string, unknown>)[method] === "function",
  );
}
