import type { LeaderInfo } from "../elector/term.ts";

/** One election as `--json` and `/leader` show it. */
export interface LeaderJson {
  readonly key: string;
  readonly leader: {
    readonly nodeId: string;
    readonly token: number;
    readonly since: string;
    /** `null` if the lease never expires. */
    readonly expiresInMs: number | null;
    readonly metadata: string | null;
  } | null;
  /** When this was read. */
  readonly at: string;
}

export function leaderJson(key: string, leader: LeaderInfo | undefined): LeaderJson {
  const at = new Date().toISOString();
  if (leader === undefined) return { key, leader: null, at };
  const { nodeId, token, since, expiresIn, metadata } = leader;
  return {
    key,
    leader: {
      nodeId,
      token,
      since: since.toISOString(),
      expiresInMs: Number.isFinite(expiresIn) ? Math.round(expiresIn) : null,
      metadata: metadata ?? null,
    },
    at,
  };
}
