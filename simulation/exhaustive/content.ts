import type { ElectionState } from "../../src/election/state.ts";
import type { Candidate, Message } from "./world.ts";

// The parts of a world that affect what can follow.

export function contentOfCandidate(candidate: Candidate): object {
  return { ...candidate, election: futureOf(candidate.election) };
}

/** The time of sending no longer matters; a release is executed at any time, by any server. */
export function contentOfUnawaited(message: Message): object {
  const { candidate, server, request, life } = message;
  const { kind, attempt, notAfter, token } = request;
  return kind === "release"
    ? [candidate, server, kind, attempt]
    : [candidate, server, kind, attempt, notAfter, token, life];
}

/** Without the time of sending: the candidate may wait for a command of another time. */
export function forgotten(message: Message): Message {
  return { ...message, request: { ...message.request, sentAt: Number.NEGATIVE_INFINITY } };
}

/**
 * The part of an election's state that affects its decisions. The time of the next attempt does not, since
 * a hint may arrive at any time; nor the number of failures, since the shortest delay covers it; nor the
 * reason of a loss.
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

/** The part of a candidate that affects the future, without its knowledge of each server. */
export function contentBesideServers(candidate: Candidate): object {
  const { seen, believes, trust, requests, election } = candidate;
  return {
    ...{ seen, believes, election: futureOf(election) },
    trust: trust && [trust.attempt, trust.sentAt],
    requests: requests.map(({ heard, votes, ...request }) => request),
  };
}

/** The part of a candidate's knowledge of one server that affects the future. */
export function contentOfServer({ lives, trust, requests }: Candidate, server: number): object {
  return [
    lives[server],
    trust?.votes.includes(server),
    requests.map(({ heard, votes }) => [heard[server], votes.includes(server)]),
  ];
}
