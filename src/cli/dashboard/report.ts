import type { LeaderJson } from "../../http/leader-json.ts";
import { redact } from "../../redact.ts";
import type { ElectionView } from "../look/elections.ts";

/** What the page asks for each second. */
export interface Report {
  /** The store, without its password. */
  readonly store: string;
  readonly openedAt: string;
  readonly at: string;
  /** Why the last request to the store failed, if none has succeeded since. */
  readonly error: string | null;
  readonly elections: readonly {
    readonly key: string;
    readonly leader: LeaderJson["leader"];
    readonly changes: readonly LeaderJson[];
  }[];
}

export function reportOf(
  elections: readonly ElectionView[],
  about: Pick<Report, "store" | "openedAt" | "error">,
): Report {
  return {
    ...about,
    at: new Date().toISOString(),
    elections: elections.map(({ now, changes }) => ({
      key: now.key,
      leader: withoutPassword(now).leader,
      changes: changes.map(withoutPassword),
    })),
  };
}

/** The metadata of a leader may be a URL with a password. */
function withoutPassword(election: LeaderJson): LeaderJson {
  const { leader } = election;
  if (leader === null || leader.metadata === null) return election;
  return { ...election, leader: { ...leader, metadata: redact(leader.metadata) } };
}
