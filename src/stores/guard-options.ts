import { checkFlag, invalid, wholeNumber } from "../input.ts";

/** How a store guards itself against the loss of its memory. */
export interface Guard {
  readonly restartGuard: boolean;
  /** In ms; nothing where the candidate's own ttl counts. */
  readonly quarantine: number | undefined;
}

const EXAMPLE = "15000 (15 s), the longest ttl of any candidate";

/** The options, checked and complete. Throws `INCUMBENT_INVALID_OPTION`. */
export function checkGuard({
  restartGuard: given,
  quarantine,
}: {
  readonly restartGuard?: boolean | undefined;
  readonly quarantine?: number | undefined;
}): Guard {
  const restartGuard = checkFlag("restartGuard", given, true);
  if (quarantine !== undefined) {
    wholeNumber("quarantine", quarantine, { min: 0, max: 2 ** 31 - 1, example: EXAMPLE });
  }
  return { restartGuard, quarantine };
}

/** Throws `INCUMBENT_INVALID_OPTION` when a lease of this ttl, in ms, could outlast the quarantine. */
export function checkQuarantine({ restartGuard, quarantine }: Guard, ttl: number): void {
  if (!restartGuard || quarantine === undefined || quarantine >= ttl) return;
  throw invalid({
    name: "quarantine",
    rule: `must be at least the elector's ttl, here ${ttl}, or two leaders are possible after a loss of memory`,
    value: quarantine,
    example: EXAMPLE,
  });
}
