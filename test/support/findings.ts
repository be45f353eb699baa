import type { Examination, Finding, LeaseStore } from "../../src/stores/lease-store.ts";

/** An examination in real time, with what is given in its place. */
export function examinationOf(given: Partial<Examination> = {}): Examination {
  return {
    clock: { now: () => performance.now() },
    wallClock: () => Date.now(),
    timer: (delay, fire) => {
      const timer = setTimeout(fire, delay);
      return () => clearTimeout(timer);
    },
    signal: new AbortController().signal,
    isBrief: false,
    ...given,
  };
}

/** All that the store says of itself. */
export async function findingsOf(
  store: Pick<LeaseStore, "diagnose">,
  given: Partial<Examination> = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of store.diagnose?.(examinationOf(given)) ?? []) findings.push(finding);
  return findings;
}

/** Those that are not ok, each as `level check`. */
export function troubles(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ level }) => level !== "ok")
    .map(({ level, check }) => `${level} ${check}`);
}
