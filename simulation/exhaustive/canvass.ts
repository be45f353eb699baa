import type { Consent, Vote } from "../../src/stores/redis/redis-node.ts";
import { type Answer, majorityOf } from "../../src/stores/redis-quorum/majority.ts";
import { appliedIn } from "../../src/stores/redis-quorum/quorum-count.ts";
import { Voters } from "../../src/stores/redis-quorum/voters.ts";
import { consentOf, voteOf } from "./ballot.ts";
import { dispatch } from "./candidate.ts";
import { failed } from "./failure.ts";
import type { Instance } from "./instance.ts";
import {
  type Awaited,
  type Candidate,
  isSame,
  type Message,
  type Request,
  replaced,
  type Trust,
  type World,
  waitingNoLonger,
  withCandidate,
} from "./world.ts";

/** One of several servers has answered. Continues as `RedisQuorumStore` does. */
export function hearOne(instance: Instance, world: World, message: Message): World {
  const candidate = world.candidates[message.candidate];
  const awaited = candidate?.requests.find((other) => isSame(other, message.request));
  if (candidate === undefined || awaited === undefined) return world;
  switch (message.request.kind) {
    case "acquire":
      return hearVote(instance, world, message, candidate, awaited);
    case "renew":
      return hearConsent(instance, world, message, candidate, awaited);
    case "release":
      return hearRelease(instance, world, message, candidate, awaited);
  }
}

function hearVote(
  instance: Instance,
  world: World,
  { candidate: index, server, reply = [] }: Message,
  candidate: Candidate,
  before: Awaited,
): World {
  const vote = voteOf(reply);
  const awaited = heardOf(before, server, vote, vote.granted);
  // The floor above which, by this server, a token must be.
  const seen = Math.max(candidate.seen, Number(reply[2]));
  const next = { ...withAwaited(candidate, awaited), seen };
  if (before.isWon) return withCandidate(world, index, next);
  const answers = answersOf<Vote>(instance, awaited);
  const count = instance.tally.countVotes(answers);
  if (count === undefined) return withCandidate(world, index, next);
  const { attempt, sentAt, token } = awaited;
  if (count.outcome === "granted") {
    const elected = withCandidate(world, index, won(instance, next, awaited));
    return dispatch(instance, elected, index, { type: "granted", attempt, sentAt, token });
  }
  const lost = withdraw(withCandidate(world, index, next), index, awaited);
  const isCertain = answers.every(({ state }) => state === "said");
  return dispatch(
    instance,
    lost,
    index,
    count.outcome === "refused"
      ? // A hint may arrive at any time, so the time of the next regular attempt does not matter.
        { type: "refused", attempt, retryIn: undefined, applied: appliedIn(answers) }
      : failed(awaited, isCertain ? "no" : "maybe"),
  );
}

function hearConsent(
  instance: Instance,
  world: World,
  { candidate: index, server, reply = [] }: Message,
  candidate: Candidate,
  before: Awaited,
): World {
  const consent = consentOf(reply);
  const { attempt, sentAt } = before;
  const voters = new Set(candidate.trust?.attempt === attempt ? candidate.trust.votes : []);
  const isVote = instance.tally.counts(consent, server, voters);
  const awaited = heardOf(before, server, consent, isVote);
  const next = withAwaited(candidate, awaited);
  const count = before.isWon
    ? undefined
    : instance.tally.countConsents(answersOf<Consent>(instance, awaited), voters);
  switch (count) {
    case undefined:
      return withCandidate(world, index, next);
    case "renewed": {
      const renewed = withCandidate(world, index, won(instance, next, awaited));
      return dispatch(instance, renewed, index, { type: "renewed", attempt, sentAt });
    }
    case "superseded": {
      const lost = withdraw(withCandidate(world, index, next), index, awaited);
      return dispatch(instance, lost, index, { type: "superseded", attempt });
    }
    case "unheard": {
      const unheard = withCandidate(world, index, waitingNoLonger(next, awaited));
      return dispatch(instance, unheard, index, failed(awaited, "maybe"));
    }
  }
}

function hearRelease(
  instance: Instance,
  world: World,
  { candidate: index, server }: Message,
  candidate: Candidate,
  before: Awaited,
): World {
  const awaited = heardOf(before, server, "released", true);
  if (awaited.votes.length < majorityOf(instance.servers)) {
    return withCandidate(world, index, withAwaited(candidate, awaited));
  }
  const next = withCandidate(world, index, waitingNoLonger(candidate, awaited));
  return dispatch(instance, next, index, {
    type: "released",
    attempt: before.attempt,
    sentAt: before.sentAt,
  });
}

/** Takes back all votes of a failed attempt, including unknown ones, without waiting for the answers. */
export function withdraw(world: World, index: number, { kind, attempt, notAfter }: Request): World {
  const candidate = world.candidates[index];
  if (candidate === undefined) return world;
  const isOther = (other: Request) => other.attempt !== attempt;
  const { heard = [] } = candidate.requests.find((other) => !isOther(other)) ?? {};
  const sentAt = Number.NEGATIVE_INFINITY;
  const release: Request = { kind: "release", attempt, sentAt, notAfter, token: 0 };
  const releases = candidate.lives.flatMap((life, server): Message[] => {
    const answer = kind === "acquire" ? heard[server] : undefined;
    const hasRefused = typeof answer === "object" && "granted" in answer && !answer.granted;
    return hasRefused
      ? []
      : [{ candidate: index, server, request: release, life, reply: undefined }];
  });
  const requests = candidate.requests.filter(isOther);
  const next = withCandidate(world, index, { ...candidate, requests });
  return { ...next, messages: [...world.messages, ...releases] };
}

/** A majority has voted: the trust is now based on these votes, unless a later round has already won. */
function won({ timing }: Instance, candidate: Candidate, awaited: Awaited): Candidate {
  const { attempt, sentAt, votes } = awaited;
  const { trust } = candidate;
  const voters = new Voters();
  const { ttl } = timing;
  const round = { sentAt, ttl, votes: new Set(votes) };
  if (trust?.attempt === attempt) {
    voters.won("", { sentAt: trust.sentAt, ttl, votes: new Set(trust.votes) });
  }
  voters.won("", round);
  const next: Candidate = withAwaited(candidate, { ...awaited, isWon: true });
  return voters.of("") === round.votes ? { ...next, trust: { attempt, sentAt, votes } } : next;
}

function heardOf(
  awaited: Awaited,
  server: number,
  answer: Vote | Consent | "released",
  isVote: boolean,
): Awaited {
  const heard = replaced(awaited.heard, server, answer);
  const votes = isVote ? [...awaited.votes, server].sort() : awaited.votes;
  return { ...awaited, heard, votes };
}

/** Adds an answer to the request. A late vote joins those on which the trust is based. */
function withAwaited(candidate: Candidate, awaited: Awaited): Candidate {
  const { attempt, sentAt, votes, isWon } = awaited;
  const requests = candidate.requests.map((other) => (isSame(other, awaited) ? awaited : other));
  const { trust } = candidate;
  const joins = isWon && trust?.attempt === attempt && trust.sentAt === sentAt;
  const rests: Trust | undefined = joins ? { ...trust, votes } : trust;
  return { ...candidate, requests, trust: rests };
}

/** The known answers of all servers. */
export function answersOf<Reply>({ servers }: Instance, { heard }: Awaited): Answer<Reply>[] {
  return Array.from({ length: servers }, (_, at): Answer<Reply> => {
    const reply = heard[at];
    // A server that is asked only once owes no older answer.
    return reply === undefined
      ? { state: "silent", behind: false }
      : // An answer has the kind of its request.
        { state: "said", reply: reply as Reply };
  });
}
