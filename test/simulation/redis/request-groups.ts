import type { ScriptedRequest } from "./happenings.ts";

export type ShortRenewal = Extract<ScriptedRequest, { type: "prolong" }>;

export type OtherRequest = Exclude<ScriptedRequest, ShortRenewal>;

type Short = readonly [ShortRenewal, ...ShortRenewal[]];

/** What one name among the arguments stands for. */
export type RequestGroup = Short | readonly [OtherRequest];

/** Short renewals behind one another that have the same ttl and not-after; everything else alone. */
export function groupsOf(requests: readonly ScriptedRequest[]): RequestGroup[] {
  const groups: RequestGroup[] = [];
  for (const request of requests) {
    const last = groups.at(-1);
    if (request.type !== "prolong") groups.push([request]);
    else if (last === undefined || !isShort(last) || !sharesWith(last, request))
      groups.push([request]);
    else groups[groups.length - 1] = [...last, request];
  }
  return groups;
}

export function isShort(group: RequestGroup): group is Short {
  return group[0].type === "prolong";
}

function sharesWith([first]: Short, { ttl, notAfter }: ShortRenewal): boolean {
  return first.ttl === ttl && first.notAfter === notAfter;
}
