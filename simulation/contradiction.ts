import type { Candidate } from "./candidate.ts";

/** How the status of the candidate's elector, which sends no request, contradicts what the elector believes. */
export function contradictionIn({ name, process, elector }: Candidate): string | undefined {
  if (process.isDead || process.isAsleep || process.isBusy) return undefined;
  const { role } = elector.status;
  const isLeader = elector.isLeader();
  return (role === "leader") === isLeader
    ? undefined
    : `${name}: status.role is ${role}, and isLeader() is ${isLeader}`;
}
