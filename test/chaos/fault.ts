import type { Random } from "./random.ts";
import type { Seat } from "./seat.ts";
import type { Servers } from "./servers.ts";
import type { Stage } from "./stage.ts";

/** What it is done to; of those on a server only one at a time makes sense. */
export type Area = "candidate" | "network" | "server";

/** Does it, and has undone it when it resolves, as far as it can be undone. */
export type Deed = (stage: Stage) => Promise<void>;

/** Something that goes wrong. */
export interface Fault {
  readonly name: string;
  readonly area: Area;
  /** All chance is drawn before anything is done, so that a seed gives the same faults again. */
  draw(chance: Random): Deed;
}

/**
 * Makes faults of servers of this kind: `server(name, draw)`, where `draw` returns what is done to them, and has undone
 * it when it resolves.
 */
export function faultsOf<Own extends Servers>(kind: abstract new (...args: never[]) => Own) {
  return (
    name: string,
    draw: (chance: Random) => (servers: Own, stage: Stage) => Promise<unknown>,
  ): Fault => ({
    name,
    area: "server",
    draw: (chance) => {
      const deed = draw(chance);
      return async (stage) => {
        stage.note(name);
        if (!(stage.servers instanceof kind)) throw new Error(`${name} is of other servers`);
        await deed(stage.servers, stage);
      };
    },
  });
}

/** Every second time the leader, or else any of the five. */
export function drawSeat(chance: Random): (stage: Stage) => Seat {
  const index = chance.between(0, 4);
  const hitsLeader = chance.fraction() < 0.5;
  return ({ leader, seats }) => {
    const seat = hitsLeader && leader !== undefined ? leader : seats[index];
    if (seat === undefined) throw new Error("there are no candidates");
    return seat;
  };
}

/** How long something lasts, in ms: mostly within a ttl, now and then beyond it. */
export function drawDuration(chance: Random): number {
  return chance.fraction() < 0.75 ? chance.between(20, 500) : chance.between(500, 2000);
}
