import type { Cell } from "../../../src/stores/observed/register.ts";
import { begin, giveUp, hear, interrupt } from "./candidate.ts";
import type { Budget, Instance } from "./instance.ts";
import {
  type Candidate,
  candidateIn,
  type Errand,
  type Message,
  momentOfSight,
  START,
  spend,
  TICK,
  type World,
  withCandidate,
} from "./world.ts";

/** What may happen next. */
export type Action =
  | { readonly type: "tick" }
  /** The register is set back to the state before the last write, or to that of the beginning. */
  | { readonly type: "set-back"; readonly to: "before" | "beginning" }
  | { readonly type: Errand["what"]; readonly candidate: number }
  /** An event of the watch arrives; the candidate learns that it broke, begins anew, or stops waiting for an answer. */
  | { readonly type: "event" | "notice" | "watch" | "give-up"; readonly candidate: number }
  /** The register carries it out, or its answer arrives. `stale`: the record before is read. */
  | { readonly type: "deliver" | "repeat" | "stale"; readonly message: number };

export function actionsIn(
  { ticks, attempts, budget, latecomer }: Instance,
  world: World,
): Action[] {
  const actions: Action[] = [];
  const isLeft = (what: keyof Budget) => world.spent[what] < budget[what];
  if (world.now < START + ticks * TICK) actions.push({ type: "tick" });
  for (const [message, { request, answer }] of world.messages.entries()) {
    actions.push({ type: "deliver", message });
    if (answer !== undefined) continue;
    if (request.write !== undefined && isLeft("repetitions")) {
      actions.push({ type: "repeat", message });
    }
    const isStale = request.write === undefined && world.before !== world.cell;
    if (isStale && isLeft("staleReads")) actions.push({ type: "stale", message });
  }
  for (const [candidate, each] of world.candidates.entries()) {
    const leads = each.trustedUntil > world.now;
    if (each.errand !== undefined) {
      if (world.now > each.errand.request.sentAt) actions.push({ type: "give-up", candidate });
    } else {
      // The first candidate begins first: it makes no difference which of them is called so.
      const mayBegin = latecomer || candidate === 0 || (world.candidates[0]?.attempts ?? 0) > 0;
      if (!leads && mayBegin && each.attempts < (attempts[candidate] ?? 0)) {
        actions.push({ type: "acquire", candidate });
      }
      if (leads && isLeft("renewals")) actions.push({ type: "renew", candidate });
      const mayHoldLease = each.lease !== undefined || each.doubts.length > 0;
      if (mayHoldLease && isLeft("releases")) actions.push({ type: "release", candidate });
    }
    if (each.events.length > 0) actions.push({ type: "event", candidate });
    if (each.watch === "broken") actions.push({ type: "notice", candidate });
    if (each.watch === "none") actions.push({ type: "watch", candidate });
  }
  if (isLeft("rollbacks") && world.before !== world.cell) {
    actions.push({ type: "set-back", to: "before" });
    if (world.before !== world.beginning) actions.push({ type: "set-back", to: "beginning" });
  }
  return actions;
}

export function act(instance: Instance, world: World, action: Action): World {
  return forgetting(instance, after(instance, world, action));
}

function after(instance: Instance, world: World, action: Action): World {
  switch (action.type) {
    case "tick":
      return { ...world, now: world.now + TICK };
    case "set-back":
      return setBack(world, world[action.to]);
    case "acquire":
    case "renew":
    case "release":
      return begin(instance, world, action.candidate, action.type);
    case "give-up":
      return giveUp(world, action.candidate);
    case "notice":
      return notice(world, action.candidate);
    case "watch": {
      const change = { watch: "live", events: [world.cell] } as const;
      return withCandidate(world, action.candidate, change);
    }
    case "event":
      return report(instance, world, action.candidate);
    default:
      return deliver(instance, world, action.message, action.type);
  }
}

/** Those who watch are cut off, and learn of it at some time. */
function setBack(world: World, cell: Cell): World {
  const candidates = world.candidates.map((each) =>
    each.watch === "live" ? { ...each, watch: "broken" as const, events: [] } : each,
  );
  const next = { ...world, cell, before: cell, revision: Number(cell.version), candidates };
  return spend(next, "rollbacks");
}

function notice(world: World, index: number): World {
  if (candidateIn(world, index).watch !== "broken") return world;
  return withCandidate(interrupt(world, index), index, { watch: "none" });
}

function report(instance: Instance, world: World, index: number): World {
  const { view, events } = candidateIn(world, index);
  const [cell, ...rest] = events;
  if (cell === undefined) return world;
  const reported = momentOfSight(world, Number.NEGATIVE_INFINITY);
  return withCandidate(world, index, {
    ...{ view: instance.rules.viewOf(view, cell, reported), events: rest, isWatched: true },
  });
}

function deliver(
  instance: Instance,
  world: World,
  at: number,
  how: "deliver" | "repeat" | "stale",
): World {
  const message = world.messages[at];
  if (message === undefined) return world;
  const others = { ...world, messages: world.messages.filter((_, index) => index !== at) };
  const { candidate, answer } = message;
  // By an answer on another connection it learns at the latest that one is broken.
  if (answer !== undefined) return hear(instance, notice(others, candidate), candidate, answer);
  const next = how === "repeat" ? spend(world, "repetitions") : others;
  if (how === "stale") {
    const stale = { ...message, answer: { written: false, cell: world.before } };
    return { ...spend(next, "staleReads"), messages: [...next.messages, stale] };
  }
  return carryOut(next, message, how === "deliver");
}

function carryOut(world: World, message: Message, answers: boolean): World {
  const { write } = message.request;
  const isReplaced = write !== undefined && isIdentical(write.seen, world.cell);
  const next = isReplaced ? put(world, write.record) : world;
  if (!answers) return next;
  const answered = { ...message, answer: { written: isReplaced, cell: next.cell } };
  return { ...next, messages: [...next.messages, answered] };
}

function put(world: World, record: Cell["record"]): World {
  const isUnchanged = JSON.stringify(record) === JSON.stringify(world.cell.record);
  if (isUnchanged) return world;
  const revision = world.revision + 1;
  const cell = { version: String(revision), record };
  const candidates = world.candidates.map((each) =>
    each.watch === "live" ? { ...each, events: [...each.events, cell] } : each,
  );
  return { ...world, cell, before: world.cell, revision, candidates };
}

function isIdentical(one: Cell, other: Cell): boolean {
  return one.version === other.version && JSON.stringify(one) === JSON.stringify(other);
}

/** Without what changes nothing now or later, so that worlds with the same future become one. */
function forgetting(instance: Instance, world: World): World {
  const { budget, attempts } = instance;
  const maySetBack = world.spent.rollbacks < budget.rollbacks;
  const messages = world.messages.filter(({ candidate, request, answer }) => {
    if (candidateIn(world, candidate).errand?.request === request) return true;
    if (answer !== undefined || request.write === undefined) return false;
    return maySetBack || isIdentical(request.write.seen, world.cell);
  });
  const candidates = world.candidates.map((each, index) => {
    const { errand, trustedUntil, lease, doubts } = each;
    const asks = each.attempts < (attempts[index] ?? 0) || errand !== undefined;
    const mayRelease =
      (lease !== undefined || doubts.length > 0) && world.spent.releases < budget.releases;
    return asks || trustedUntil > world.now || mayRelease
      ? each
      : { ...gone, attempts: each.attempts, hasReleased: each.hasReleased };
  });
  return { ...world, messages, candidates };
}

/** A candidate that has used up its attempts. */
const gone: Candidate = {
  ...{ view: { sighting: undefined, gap: undefined }, largestSeq: 0, interruptions: 0 },
  ...{ watch: "gone", isWatched: false, events: [], attempts: 0, errand: undefined },
  ...{ lease: undefined, doubts: [], trustedUntil: 0, hasReleased: false },
};
