import type { Action } from "./scenario.ts";
import { keyOf, type World } from "./world.ts";

/**
 * Adds all actions to the world's schedule. What users of one process do at the same moment, they do in one
 * tick, like a program that starts its electors in a loop.
 */
export function planActions(world: World): void {
  const { scenario, schedule } = world;
  const ticks = new Map<string, ByUser[]>();
  for (const action of scenario.actions) {
    if (!("candidate" in action)) {
      schedule.add(action.at, () => carryOut(world, action));
      continue;
    }
    const moment = `${action.at} ${scenario.candidates[action.candidate]?.process}`;
    const others = ticks.get(moment);
    others?.push(action);
    if (others !== undefined) continue;
    const tick = [action];
    ticks.set(moment, tick);
    schedule.add(action.at, () => byUsers(world, tick));
  }
}

function carryOut(world: World, action: Exclude<Action, ByUser>): void {
  switch (action.does) {
    case "pause":
    case "suspend":
    case "crash":
    case "jump-wall":
    case "set-rate":
      toProcess(world, action);
      return;
    case "sever":
    case "partition":
      toNetwork(world, action);
      return;
    case "freeze":
      freeze(world, action);
      return;
    case "set-register-back":
    case "remove":
      toRegister(world, action);
      return;
    default:
      toServer(world, action);
  }
}

type Of<Does extends Action["does"]> = Extract<Action, { readonly does: Does }>;

type ByUser = Of<"start" | "stop" | "resign" | "lead">;

function byUsers(world: World, actions: readonly ByUser[]): void {
  const present = actions.map((action) => ({
    action,
    candidate: world.candidate(action.candidate),
  }));
  present[0]?.candidate?.process.enter(() => {
    // The process could not run these actions before the end of the run, when all candidates stop.
    if (world.phase === "end") return;
    for (const { action, candidate } of present) {
      if (action.does === "lead") candidate?.lead(action.work);
      else candidate?.[action.does]();
    }
  });
}

function toProcess(
  world: World,
  action: Of<"pause" | "suspend" | "crash" | "jump-wall" | "set-rate">,
): void {
  const { schedule, journal } = world;
  const { troubleEnds } = world.scenario;
  const { process } = world.household(action.process);
  // The process has run ahead of the world, so it has not yet seen what happens to it now.
  if (process.isBusy) {
    if (process.reachableAt > troubleEnds) return;
    schedule.add(process.reachableAt, () => toProcess(world, action));
    return;
  }
  const over = "for" in action ? Math.min(schedule.now + action.for, troubleEnds) : 0;
  const { clocks } = process;
  journal.note(`process ${action.process}`, 20, () => describe(action));
  switch (action.does) {
    case "pause":
      process.halt();
      schedule.add(over, () => process.proceed());
      return;
    case "suspend":
      // A shorter sleep than planned might be too short for a real machine.
      if (clocks.isSuspended || schedule.now + action.for > troubleEnds) return;
      process.halt();
      clocks.setSuspended(schedule.now, true);
      schedule.add(over, () => {
        clocks.setSuspended(schedule.now, false);
        process.proceed();
      });
      return;
    case "crash":
      if (process.isDead) return;
      world.kill(action.process);
      schedule.add(over, () => revive(world, action.process));
      return;
    case "jump-wall":
      clocks.jumpWall(action.by);
      return;
    case "set-rate":
      clocks.setRate(schedule.now, action.rate);
      return;
  }
}

function revive(world: World, index: number): void {
  const { schedule, scenario } = world;
  if (world.household(index).process.isAsleep) {
    schedule.add(Math.min(schedule.now + 10, scenario.troubleEnds), () => revive(world, index));
    return;
  }
  const { process, candidates } = world.revive(index);
  schedule.add(schedule.now, () =>
    process.enter(() => {
      for (const candidate of candidates) candidate.start();
    }),
  );
}

function toNetwork(world: World, action: Of<"sever" | "partition">): void {
  const { schedule, network, journal } = world;
  const { process, server } = action;
  journal.note(`process ${process}`, 21, () => describe(action));
  if (action.does === "sever") {
    (world.register ?? world.server(server)).cutAll(process);
    return;
  }
  network.cut(process, server, 1);
  schedule.add(schedule.now + action.for, () => network.cut(process, server, -1));
}

function freeze(world: World, action: Of<"freeze">): void {
  const { schedule, journal, register } = world;
  const server = register ?? world.server(action.server);
  journal.note(`server ${action.server}`, 22, () => describe(action));
  server.freeze();
  schedule.add(schedule.now + action.for, () => server.thaw());
}

function toRegister(world: World, action: Of<"set-register-back" | "remove">): void {
  const { schedule, journal, register } = world;
  journal.note("register", 23, () => describe(action));
  world.memoryChanged();
  if (action.does === "remove") {
    register?.remove(keyOf(0));
    return;
  }
  register?.goDown();
  schedule.add(schedule.now + action.for, () => register?.comeUp(action.back));
}

function toServer(
  world: World,
  action: Of<
    | ("snapshot" | "restart" | "fail-over" | "switch" | "promote" | "migrate")
    | ("set-back" | "set-forward" | "evict" | "flush" | "delete" | "lock-row")
  >,
): void {
  const { schedule, journal } = world;
  const server = world.server(action.server);
  journal.note(`server ${action.server}`, 22, () => describe(action));
  switch (action.does) {
    case "snapshot":
      server.keepSnapshot();
      return;
    case "restart":
    case "fail-over": {
      const skew = action.does === "fail-over" ? action.skew : undefined;
      world.memoryChanged();
      server.goDown();
      schedule.add(schedule.now + action.for, () => server.comeUp(action.memory, skew));
      return;
    }
    case "promote":
      if (world.replicas?.promote(action) === true) world.memoryChanged();
      return;
    case "migrate":
      if (world.replicas?.migrate(action) === true) world.memoryChanged();
      return;
    case "switch":
      world.memoryChanged();
      server.takeOver(action.memory);
      return;
    case "set-back":
      server.setBack(action.by);
      for (const election of world.elections) election.clockSetBack();
      return;
    case "set-forward":
      server.setBack(-action.by);
      return;
    case "evict":
      server.evict(action.what, keyOf(0));
      world.memoryChanged();
      return;
    case "lock-row":
      world.database?.lockRow(action.table, keyOf(0), action.for);
      return;
    case "flush":
      server.flush();
      world.memoryChanged();
      return;
    case "delete":
      server.delete(keyOf(0), () => world.election(0).leaseDeleted());
      return;
  }
}

/** Formats `{ does: "pause", process: 1, for: 300 }` as `pause for=300`. */
function describe({ does, at: _, ...rest }: Action): string {
  const details = Object.entries(rest).filter(([name]) => name !== "process" && name !== "server");
  return [does, ...details.map(([name, value]) => `${name}=${value}`)].join(" ");
}
