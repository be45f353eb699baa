import { isLeading } from "../../src/election/state.ts";
import type { Instance } from "./instance.ts";
import { carryOut } from "./server.ts";
import { type Candidate, isAwaited, type Message, type World } from "./world.ts";

// What can change nothing any more is left out, so that worlds with the same future are one. Each case
// says why it is true whatever the rules are, or tries them.

/** The world without what no longer matters. */
export function prune(instance: Instance, world: World): World {
  if (!instance.prunes) return world;
  const candidates = world.candidates.map((candidate, index) =>
    remembering(instance, world, candidate, index),
  );
  const isSame = candidates.every((candidate, index) => candidate === world.candidates[index]);
  const next = isSame ? world : { ...world, candidates };
  const messages = next.messages.filter(
    (message, at) => matters(instance, next, message) && !isRepeated(next, message, at),
  );
  return messages.length === next.messages.length ? next : { ...next, messages };
}

/** The candidate without what it will not use. */
function remembering(
  instance: Instance,
  world: World,
  candidate: Candidate,
  index: number,
): Candidate {
  const { requests, election } = candidate;
  if (isDone(instance, world, index)) {
    return requests.length > 0 ? { ...candidate, requests: [] } : candidate;
  }
  if (instance.servers === 1 || election.attempts < (instance.attempts[index] ?? 0)) {
    return candidate;
  }
  // It proposes no other token.
  const asksNoMore = candidate.seen === 0 ? candidate : { ...candidate, seen: 0 };
  const isSettled = requests.every(({ kind, isWon }) => isWon || kind === "acquire");
  if (world.spent.renewals < instance.budget.renewals || !isSettled) return asksNoMore;
  // It renews nothing more, so who the voters are and which lives the servers have is all the same.
  const open = requests.filter(({ isWon }) => !isWon);
  const lives = candidate.lives.map(() => 0);
  const forgets = open.length < requests.length || candidate.trust !== undefined;
  return forgets || candidate.lives.some((life) => life > 0)
    ? { ...asksNoMore, requests: open, trust: undefined, lives }
    : asksNoMore;
}

/** A release that is on its way twice: one that is carried out later does what both would. */
function isRepeated(world: World, message: Message, at: number): boolean {
  const { candidate, server, request } = message;
  if (request.kind !== "release" || isAwaited(world, message)) return false;
  return world.messages.some(
    (other, index) =>
      index < at &&
      other.candidate === candidate &&
      other.server === server &&
      other.request.kind === "release" &&
      other.request.attempt === request.attempt &&
      !isAwaited(world, other),
  );
}

/** It will ask for no lease again, has none, and expects none: nothing that it hears changes that. */
export function isDone(instance: Instance, world: World, index: number): boolean {
  if (!instance.prunes) return false;
  const { election, requests } = world.candidates[index] ?? {};
  switch (election?.role) {
    case "idle":
    case "candidate":
      return election.attempts >= (instance.attempts[index] ?? 0);
    case "leader":
      // While a renewal is under way, a late answer must be seen not to bring the term back.
      return (
        requests?.every(({ isWon }) => isWon) === true &&
        election.attempts >= (instance.attempts[index] ?? 0) &&
        !isLeading(election, world.now)
      );
    default:
      return false;
  }
}

function matters(instance: Instance, world: World, message: Message): boolean {
  const { candidate: index, server: at, request, reply, life } = message;
  const candidate = world.candidates[index];
  const server = world.servers[at];
  if (candidate === undefined || server === undefined) return false;
  if (isAwaited(world, message)) return true;
  // An answer that nobody waits for.
  if (reply !== undefined) return false;
  const isOver =
    request.kind === "release"
      ? server.snapshot === undefined && !mayBeGranted(world, candidate, message)
      : world.now > request.notAfter || life !== server.life;
  // Late, for another life of the server, or to free what is not there: so it will be at any later time.
  return !isOver || carryOut(instance, server, message, world.now).server.memory !== server.memory;
}

/** Whether the attempt that is to be released may yet get the lease, by a command that is on its way. */
function mayBeGranted({ messages }: World, { election }: Candidate, message: Message): boolean {
  const { candidate, request } = message;
  if (election.role === "leader" && election.lease.attempt === request.attempt) return true;
  return messages.some(
    (other) =>
      other.candidate === candidate &&
      other.reply === undefined &&
      other.request.attempt === request.attempt &&
      other.request.kind !== "release",
  );
}
