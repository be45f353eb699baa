import { nextWake } from "../../src/election/state.ts";
import { emptyMemory } from "../redis/memory.ts";
import { giveUp, hear } from "./answer.ts";
import { dispatch } from "./candidate.ts";
import type { Budget, Instance } from "./instance.ts";
import { prune } from "./prune.ts";
import { carryOut } from "./server.ts";
import {
  isAwaited,
  type Message,
  type Request,
  START,
  spend,
  type World,
  withServer,
} from "./world.ts";

/** An action that may happen next. */
export type Action =
  | { readonly type: "tick" }
  | {
      readonly type: "flush" | "wipe" | "restart" | "snapshot" | "rollback";
      readonly server: number;
    }
  /** `mute`: the server executes the command, and the answer is lost. */
  | { readonly type: "deliver" | "repeat" | "mute"; readonly message: Message }
  | { readonly type: "give-up"; readonly candidate: number; readonly request: Request }
  | { readonly type: "start" | "wake" | "hint" | "resign"; readonly candidate: number };

/** Returns every action that may happen next. */
export function actionsIn(instance: Instance, world: World): Action[] {
  const actions: Action[] = [];
  const left = (what: keyof Budget) => world.spent[what] < instance.budget[what];
  if (world.now < START + instance.ticks) actions.push({ type: "tick" });
  for (const message of world.messages) {
    actions.push({ type: "deliver", message });
    if (!instance.lateAnswers && message.reply === undefined && isAwaited(world, message)) {
      actions.push({ type: "mute", message });
    }
    if (message.reply === undefined && left("repetitions"))
      actions.push({ type: "repeat", message });
  }
  for (const [candidate, { requests }] of world.candidates.entries()) {
    for (const request of requests) {
      if (world.now >= request.notAfter && !request.isWon)
        actions.push({ type: "give-up", candidate, request });
    }
    actions.push(...ofCandidate(instance, world, candidate));
  }
  for (const [server, { snapshot }] of world.servers.entries()) {
    if (left("flushes")) actions.push({ type: "flush", server });
    if (left("wipes")) actions.push({ type: "wipe", server });
    if (left("restarts")) actions.push({ type: "restart", server });
    if (left("rollbacks")) {
      actions.push({ type: snapshot === undefined ? "snapshot" : "rollback", server });
    }
  }
  return actions;
}

function ofCandidate(instance: Instance, world: World, index: number): Action[] {
  const election = world.candidates[index]?.election;
  switch (election?.role) {
    case "idle":
      return [{ type: "start", candidate: index }];
    case "candidate": {
      const mayAsk = election.attempts < (instance.attempts[index] ?? 0);
      return mayAsk && world.now >= election.heldOffUntil
        ? [{ type: "hint", candidate: index }]
        : [];
    }
    case "leader": {
      // After a term the candidate makes an attempt, and the number of attempts is limited.
      const isOver = world.now >= election.lease.trustedUntil;
      const mayWake = isOver
        ? election.attempts < (instance.attempts[index] ?? 0)
        : world.now >= election.lease.renewAt && world.spent.renewals < instance.budget.renewals;
      const actions: Action[] = mayWake ? [{ type: "wake", candidate: index }] : [];
      const mayResign = world.spent.resignations < instance.budget.resignations;
      return mayResign && !isOver ? [...actions, { type: "resign", candidate: index }] : actions;
    }
    case "releasing":
      return world.now >= (nextWake(election) ?? Number.POSITIVE_INFINITY)
        ? [{ type: "wake", candidate: index }]
        : [];
    default:
      return [];
  }
}

/** Returns the world after the action. */
export function act(instance: Instance, world: World, action: Action): World {
  return prune(instance, after(instance, world, action));
}

function after(instance: Instance, world: World, action: Action): World {
  switch (action.type) {
    case "tick":
      return { ...world, now: world.now + 1 };
    case "deliver":
    case "repeat":
    case "mute":
      return deliver(instance, world, action.message, action.type);
    case "give-up":
      return giveUp(instance, world, action.candidate, action.request);
    case "start":
    case "wake":
    case "hint":
      return dispatch(instance, world, action.candidate, { type: action.type });
    case "resign":
      return dispatch(instance, spend(world, "resignations"), action.candidate, { type: "resign" });
    default:
      return strike(world, action.type, action.server);
  }
}

function deliver(
  instance: Instance,
  world: World,
  message: Message,
  how: "deliver" | "repeat" | "mute",
): World {
  const at = world.messages.indexOf(message);
  // There may be a second message that is identical.
  const others = world.messages.filter((_, index) => index !== at);
  if (message.reply !== undefined) return hear(instance, { ...world, messages: others }, message);
  const next = how === "repeat" ? spend(world, "repetitions") : { ...world, messages: others };
  const server = world.servers[message.server];
  if (server === undefined) return next;
  const { answer, ...done } = carryOut(instance, server, message, world.now);
  const carriedOut = withServer(next, message.server, done.server);
  if (how !== "deliver" || !isAwaited(world, message)) return carriedOut;
  // Delivering the others later has the same effect as acting on them later.
  const isUrgent =
    instance.lateAnswers &&
    ["granted", "renewed", "superseded"].includes(String(answer.reply?.[0]));
  return isUrgent
    ? { ...carriedOut, messages: [...carriedOut.messages, answer] }
    : hear(instance, carriedOut, answer);
}

/** A fault of a server. */
function strike(
  world: World,
  what: "flush" | "wipe" | "restart" | "snapshot" | "rollback",
  index: number,
): World {
  const server = world.servers[index];
  if (server === undefined) return world;
  const reborn = { ...server, life: server.life + 1 };
  switch (what) {
    case "snapshot":
      return withServer(world, index, { ...server, snapshot: server.memory });
    case "flush":
      return withServer(spend(world, "flushes"), index, { ...server, memory: emptyMemory });
    case "wipe":
      return withServer(spend(world, "wipes"), index, { ...reborn, memory: emptyMemory });
    case "restart":
      return withServer(spend(world, "restarts"), index, reborn);
    case "rollback": {
      const memory = server.snapshot ?? emptyMemory;
      return withServer(spend(world, "rollbacks"), index, {
        ...reborn,
        memory,
        snapshot: undefined,
      });
    }
  }
}
