import type { ElectionState } from "../../src/election/state.ts";
import type { Candidate, Message } from "./world.ts";

// What matters of the parts of a world for what can follow.

export function contentOfCandidate(candidate: Candidate): object {
  return { ...candidate, election: futureOf(candidate.election) };
}

/** When it was sent matters to nobody any more; a release is carried out at any time, by any server. */
export function contentOfUnawaited(message: Message): object {
  const { candidate, server, request, life } = message;
  const { kind, attempt, notAfter, token } = request;
  return kind === "release"
    ? [candidate, server, kind, attempt]
    : [candidate, server, kind, attempt, notAfter, token, life];
}

/** Without the moment when it was sent: a command of another moment may be awaited. */
export function forgotten(message: Message): Message {
  return { ...message, request: { ...message.request, sentAt: Number.NEGATIVE_INFINITY } };
}

/**
 * What matters of an election's state for what it will do. When a candidate asks again does not, since it
 * may be given a hint at any time; nor how often something failed, which the shortest delay hides; nor
 * for what reason a loss will be told.
 */
function futureOf(election: ElectionState): unknown {
  switch (election.role) {
    case "candidate":
      return { ...election, attemptAt: 0, failures: 0 };
    case "campaigning":
      return { ...election, sentAt: 0, failures: 0 };
    case "leader":
      return { ...election, lease: { ...election.lease, unanswered: false, failures: 0 } };
    default:
      return election;
  }
}

/** What matters of a candidate beside what it knows of each server. */
export function contentBesideServers(candidate: Candidate): object {
  const { seen, told, trust, requests, election } = candidate;
  return {
    ...{ seen, told, election: futureOf(election) },
    trust: trust && [trust.attempt, trust.sentAt],
    requests: requests.map(({ heard, votes, ...request }) => request),
  };
}

/** What matters of what a candidate knows of one server. */
export function contentOfServer({ lives, trust, requests }: Candidate, server: number): object {
  return [
    lives[server],
    trust?.votes.includes(server),
    requests.map(({ heard, votes }) => [heard[server], votes.includes(server)]),
  ];
}
