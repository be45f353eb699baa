import { UsageError } from "./usage-error.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Converts `500ms`, `10s`, `1.5s`, `2m` or `1h` to ms. A number without a unit is refused as ambiguous. */
export function parseDuration(option: string, text: string): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (amount !== "" && Number.isFinite(ms)) return Math.round(ms);
  throw new UsageError(
    `--${option} must be a duration such as 500ms, 10s or 2m; got ${JSON.stringify(text)}.`,
  );
}
