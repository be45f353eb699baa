import type { Palette } from "../io.ts";
import type { Claim } from "./claims.ts";

/** Draws when each candidate led, one row per candidate. */
export function drawTimeline(
  names: readonly string[],
  claims: readonly Claim[],
  palette: Palette,
  width: number,
): string {
  const begins = Math.min(...claims.map((claim) => claim.from));
  const ends = Math.max(...claims.map((claim) => claim.to));
  const columnOf = (at: number) =>
    Math.min(width - 1, Math.floor(((at - begins) / (ends - begins || 1)) * width));
  const rows = names.map((name) => {
    const cells = Array.from({ length: width }, () => "·");
    for (const claim of claims) {
      if (claim.nodeId !== name) continue;
      cells.fill("█", columnOf(claim.from), columnOf(claim.to) + 1);
    }
    const bar = cells.join("").replace(/█+/g, palette.green).replace(/·+/g, palette.dim);
    return `  ${name.padEnd(8)} ${bar}`;
  });
  const seconds = `${((ends - begins) / 1000).toFixed(1)} s`;
  const axis = `  ${"".padEnd(8)} 0${seconds.padStart(width - 1)}`;
  return `${rows.join("\n")}\n${palette.dim(axis)}\n`;
}
