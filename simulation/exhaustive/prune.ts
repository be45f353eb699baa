import { isLeading } from "../../src/election/state.ts";
import type { Instance } from "./instance.ts";
import { carryOut } from "./server.ts";
import { type Candidate, isAwaited, type Message, type World } from "./world.ts";

// Removes parts that can no longer change anything, so that worlds with the same future become one. Each
// case says why this is true under any rules, or executes the rules to check it.

/** Returns the world without irrelevant parts. */
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

/** Returns the candidate without what it will not use. */
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
  // It will propose no other token.
  const asksNoMore = candidate.seen === 0 ? candidate : { ...candidate, seen: 0 };
  const isSettled = requests.every(({ kind, isWon }) => isWon || kind === "acquire");
  if (world.spent.renewals < instance.budget.renewals || !isSettled) return asksNoMore;
  // It sends no more renewals, so its voters and the lives of the servers are irrelevant.
  const open = requests.filter(({ isWon }) => !isWon);
  const lives = candidate.lives.map(() => 0);
  const forgets = open.length < requests.length || candidate.trust !== undefined;
  return forgets || candidate.lives.some((life) => life > 0)
    ? { ...asksNoMore, requests: open, trust: undefined, lives }
    : asksNoMore;
}

/** Two identical releases are under way: the later one has the effect of both. */
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

/** Whether it has no lease, waits for none and will request none, so that no answer affects it. */
export function isDone(instance: Instance, world: World, index: number): boolean {
  if (!instance.prunes) return false;
  const { election, requests } = world.candidates[index] ?? {};
  switch (election?.role) {
    case "idle":
    case "candidate":
      return election.attempts >= (instance.attempts[index] ?? 0);
    case "leader":
      // While a renewal is under way, the exploration must check that a late answer does not revive the term.
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
  // An answer to a request that is already over.
  if (reply !== undefined) return false;
  const isOver =
    request.kind === "release"
      ? server.snapshot === undefined && !mayBeGranted(world, candidate, message)
      : world.now > request.notAfter || life !== server.life;
  // It is late, meant for another life of the server, or releases nothing, and will stay so.
  return !isOver || carryOut(instance, server, message, world.now).server.memory !== server.memory;
}

/** Whether a command under way may still get the lease for the attempt that is being released. */
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
