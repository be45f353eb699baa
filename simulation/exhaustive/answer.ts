import { dispatch } from "./candidate.ts";
import { hearOne, withdraw } from "./canvass.ts";
import { failed } from "./failure.ts";
import type { Instance } from "./instance.ts";
import {
  isAwaited,
  lifeOf,
  type Message,
  type Request,
  type World,
  waitingNoLonger,
  withCandidate,
} from "./world.ts";

/** Delivers an answer to a candidate as the event that `RedisStore` and the elector's loop would make of it. */
export function hear(instance: Instance, world: World, message: Message): World {
  const { candidate: index, server, request, reply = [] } = message;
  const candidate = world.candidates[index];
  // The request is already over.
  if (candidate === undefined || !isAwaited(world, message)) return world;
  const [status, run] = reply;
  if (request.kind !== "release" && status === "server") {
    const life = lifeOf(String(run));
    const lives = candidate.lives.map((old, at) => (at === server ? life : old));
    const again: Message = { ...message, life, reply: undefined };
    const introduced = withCandidate(world, index, { ...candidate, lives });
    return { ...introduced, messages: [...world.messages, again] };
  }
  if (instance.servers > 1) return hearOne(instance, world, message);
  const seen = Math.max(candidate.seen, tokenIn(request, reply));
  const next = withCandidate(world, index, { ...waitingNoLonger(candidate, request), seen });
  return dispatch(instance, next, index, eventOf(request, reply));
}

/** The deadline of a request has passed, so the candidate stops waiting. */
export function giveUp(instance: Instance, world: World, index: number, request: Request): World {
  const candidate = world.candidates[index];
  if (candidate === undefined) return world;
  const isVote = instance.servers > 1 && request.kind === "acquire";
  const next = isVote
    ? withdraw(world, index, request)
    : withCandidate(world, index, waitingNoLonger(candidate, request));
  return dispatch(instance, next, index, failed(request, "maybe"));
}

type Event = Parameters<typeof dispatch>[3];

function eventOf(request: Request, reply: readonly unknown[]): Event {
  const { attempt, sentAt } = request;
  switch (reply[0]) {
    case "granted":
      return { type: "granted", attempt, sentAt, token: tokenIn(request, reply) };
    case "held":
    case "quarantine":
      // A hint may arrive at any time, so the time of the next regular attempt does not matter.
      return { type: "refused", attempt, retryIn: undefined, applied: "no" };
    case "renewed":
      return { type: "renewed", attempt, sentAt };
    case "superseded":
      return { type: "superseded", attempt };
    case "released":
    case "none":
      return { type: "released", attempt, sentAt };
    default:
      return failed(request, "no");
  }
}

/** The token of the new leader, or of the leader because of which the request was refused. */
function tokenIn({ kind }: Request, reply: readonly unknown[]): number {
  if (kind !== "acquire") return 0;
  // Behind the status, the server and what a token must exceed: what was granted, or why and until when not, and who
  // leads.
  if (reply[0] === "granted") return Number(reply[3]);
  return reply[0] === "held" || reply[0] === "quarantine" ? Number(reply[5]) : 0;
}
