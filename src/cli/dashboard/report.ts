import type { LeaderJson } from "../../http/leader-json.ts";
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
    elections: elections.map(({ now, changes }) => ({ key: now.key, leader: now.leader, changes })),
  };
}
