/** A period during which one process reported that it led. */
export interface Claim {
  readonly nodeId: string;
  readonly token: number;
  readonly from: number;
  /** The time of the last such report. */
  to: number;
}

/** Two processes that led at the same time, and for how many ms. */
export interface Overlap {
  readonly claims: readonly [Claim, Claim];
  readonly duration: number;
}

/** Returns every pair of claims of different processes that overlap. */
export function overlapsOf(claims: readonly Claim[]): Overlap[] {
  return claims.flatMap((claim, index) =>
    claims.slice(index + 1).flatMap((other): Overlap[] => {
      const duration = Math.min(claim.to, other.to) - Math.max(claim.from, other.from);
      return claim.nodeId !== other.nodeId && duration >= 0
        ? [{ claims: [claim, other], duration }]
        : [];
    }),
  );
}
