import { setTimeout as sleep } from "node:timers/promises";
import type { Deed, Fault } from "./fault.ts";
import type { Random } from "./random.ts";

/** What is done in one round. */
export interface Round {
  readonly name: string;
  readonly deed: Deed;
}

/** Of several faults, the second can come before the first, during it, and while all recover from it. */
const LATEST = 800;

/** Rounds of one fault, and now and then of two or three at a time, without an end. */
export function* planOf(
  chance: Random,
  from: readonly Fault[],
): Generator<readonly Round[], never> {
  let pile: Fault[] = [];
  for (;;) {
    const round: Fault[] = [];
    const wanted = chance.fraction() < 0.6 ? 1 : chance.between(2, 3);
    for (let count = 0; count < wanted; count += 1) {
      // A shuffled pile, so that every fault comes equally often.
      if (pile.length === 0) pile = shuffle(from, chance);
      const next = pile.findIndex((fault) => fitsBeside(fault, round));
      if (next >= 0) round.push(...pile.splice(next, 1));
    }
    yield round.map((fault) => {
      const deed = fault.draw(chance);
      const delay = round.length === 1 ? 0 : chance.between(0, LATEST);
      return { name: fault.name, deed: (stage) => sleep(delay).then(() => deed(stage)) };
    });
  }
}

function fitsBeside({ area }: Fault, round: readonly Fault[]): boolean {
  return area !== "server" || round.every((other) => other.area !== "server");
}

function shuffle(from: readonly Fault[], chance: Random): Fault[] {
  return from
    .map((fault) => ({ fault, place: chance.fraction() }))
    .sort((a, b) => a.place - b.place)
    .map(({ fault }) => fault);
}
