import { isLeading } from "../../src/election/state.ts";
import { trustedUntil } from "../../src/election/timing.ts";
import type { Vote } from "../../src/stores/redis/redis-node.ts";
import { answersOf } from "./canvass.ts";
import type { Instance } from "./instance.ts";
import { isAwaited, isSame, type World } from "./world.ts";

/**
 * Whether no promise can be violated any more. Two leaders require two candidates that lead or may still be
 * elected. A token that does not grow requires a candidate that may be elected with one.
 */
export function isOver(instance: Instance, world: World): boolean {
  if (!instance.prunes || instance.servers === 1) return false;
  let hopeful = 0;
  for (const [index, { election }] of world.candidates.entries()) {
    const token = earliestToken(instance, world, index);
    if (token !== undefined && token <= world.lastToken) return false;
    if (token !== undefined || isLeading(election, world.now)) hopeful += 1;
  }
  return hopeful < 2;
}

/** The smallest token with which it may be elected, by messages under way or future requests. */
function earliestToken(instance: Instance, world: World, index: number): number | undefined {
  const { now } = world;
  const { election } = world.candidates[index] ?? {};
  if (election === undefined) return undefined;
  const request = mayWin(instance, world, index);
  if (request !== undefined) return request.token;
  // Tokens come from the clock.
  return election.attempts < (instance.attempts[index] ?? 0) ? now : undefined;
}

/** The request that wins if all requests under way are granted. */
function mayWin(instance: Instance, world: World, index: number) {
  const { election, requests } = world.candidates[index] ?? {};
  const { now } = world;
  return requests?.find((request) => {
    const { kind, attempt, notAfter, sentAt, isWon, heard } = request;
    const isOpen = kind === "acquire" && !isWon && election?.role === "campaigning";
    if (!isOpen || attempt !== election.attempts) return false;
    if (now >= trustedUntil(instance.timing, sentAt)) return false;
    const all = [...heard];
    for (const message of world.messages) {
      const { reply, server } = message;
      if (message.candidate !== index || !isSame(message.request, request)) continue;
      if (!isAwaited(world, message) || (reply === undefined && now > notAfter)) continue;
      all[server] = yes;
    }
    const answers = answersOf<Vote>(instance, { ...request, heard: all });
    return instance.tally.countVotes(answers)?.outcome === "granted";
  });
}

const yes: Vote = { granted: true, token: 0, since: 0 };
