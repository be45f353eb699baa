/** A stretch of time during which one process said that it led. */
export interface Claim {
  readonly nodeId: string;
  readonly token: number;
  readonly from: number;
  /** The last moment at which it said so. */
  to: number;
}

/** Two processes that led at the same time, and for how long. */
export interface Overlap {
  readonly claims: readonly [Claim, Claim];
  readonly duration: number;
}

/** Every pair of claims of different processes that share an instant. */
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
