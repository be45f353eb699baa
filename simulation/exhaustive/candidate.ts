import type { Effect } from "../../src/election/effect.ts";
import type { ElectionEvent } from "../../src/election/event.ts";
import { step } from "../../src/election/step.ts";
import { propose } from "../../src/stores/redis-quorum/quorum-token.ts";
import type { Instance } from "./instance.ts";
import { type Request, spend, violated, type World, withCandidate } from "./world.ts";

type WithoutNow<Event> = Event extends unknown ? Omit<Event, "now"> : never;

/** Passes an event to a candidate: the election decides, and its effects are executed. */
export function dispatch(
  instance: Instance,
  world: World,
  index: number,
  event: WithoutNow<ElectionEvent>,
): World {
  const candidate = world.candidates[index];
  if (candidate === undefined) return world;
  const decided = step(instance.timing, candidate.election, { ...event, now: world.now });
  const next = withCandidate(world, index, { ...candidate, election: decided.state });
  return decided.effects.reduce((from, effect) => perform(instance, from, index, effect), next);
}

function perform(instance: Instance, world: World, index: number, effect: Effect): World {
  const candidate = world.candidates[index];
  if (candidate === undefined) return world;
  switch (effect.type) {
    case "acquire":
      return acquire(instance, world, index, requestOf(world, effect));
    case "renew":
      return spend(
        send(world, index, { ...requestOf(world, effect), token: effect.token }),
        "renewals",
      );
    case "release":
      return send(world, index, { ...requestOf(world, effect), token: 0 });
    case "elected": {
      const next = { ...report(world, index, true), lastToken: effect.token };
      return effect.token > world.lastToken
        ? next
        : violated(next, `I2: token ${effect.token} follows token ${world.lastToken}`);
    }
    case "deposed":
      return dispatch(instance, report(world, index, false), index, {
        ...{ type: "loss-reported", pending: 0 },
      });
    case "drain-timeout":
    case "departed":
      return world;
  }
}

type Sent = Extract<Effect, { type: Request["kind"] }>;

function requestOf(
  { now }: World,
  { type: kind, attempt, notAfter }: Sent,
): Omit<Request, "token"> {
  return { kind, attempt, sentAt: now, notAfter };
}

function acquire(
  { servers, timing }: Instance,
  world: World,
  index: number,
  request: Omit<Request, "token">,
): World {
  const candidate = world.candidates[index];
  if (candidate === undefined) return world;
  const { seen, lives } = candidate;
  if (servers === 1) return send(world, index, { ...request, token: seen });
  const { now } = world;
  // All clocks show the same time.
  const clocks = lives.map(() => ({ micros: now, at: now }));
  const token = propose({ seen, clocks, now, carry: timing.ttl });
  const proposed = withCandidate(world, index, { ...candidate, seen: token });
  return send(proposed, index, { ...request, token });
}

function send(world: World, index: number, request: Request): World {
  const candidate = world.candidates[index];
  if (candidate === undefined) return world;
  const sent = candidate.lives.map((life, server) => ({
    ...{ candidate: index, server, request, life },
    reply: undefined,
  }));
  const next = { ...world, messages: [...world.messages, ...sent] };
  const awaited = { ...request, heard: [], votes: [], isWon: false };
  return withCandidate(next, index, { ...candidate, requests: [...candidate.requests, awaited] });
}

function report(world: World, index: number, believes: boolean): World {
  const candidate = world.candidates[index];
  if (candidate === undefined) return world;
  const next = withCandidate(world, index, { ...candidate, believes });
  const twice = believes ? "a gain follows a gain" : "a loss follows a loss";
  return candidate.believes === believes
    ? violated(next, `I5: c${index} reports twice: ${twice}`)
    : next;
}
