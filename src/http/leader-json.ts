import type { LeaderInfo } from "../elector/terms/term.ts";
import { redactMetadata } from "../redact.ts";

/** One election as tables, `--json`, the dashboard and `/leader` show it. */
export interface LeaderJson {
  readonly key: string;
  readonly leader: {
    readonly nodeId: string;
    readonly token: number;
    readonly since: string;
    /** `null` if the lease never expires. */
    readonly expiresInMs: number | null;
    /** Without the passwords of the addresses in it. */
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
      metadata: metadata === undefined ? null : redactMetadata(metadata),
    },
    at,
  };
}
