import type { Random } from "./random.ts";
import type { Reaction, ScenarioTiming } from "./scenario.ts";

/** What a candidate's callback does the first time, the second time and so on. */
export function drawReactions(random: Random, { ttl }: ScenarioTiming): Reaction[] {
  if (random.chance(0.7)) return [];
  return Array.from({ length: random.whole(1, 3) }, () => {
    const does = random.pick([
      "nothing",
      "throws",
      "rejects",
      "blocks",
      "blocks",
      "lasts",
      "lasts",
      "stops",
      "resigns",
    ]);
    return does === "blocks" || does === "lasts"
      ? { does, for: ttl * random.between(0.1, 2) }
      : { does };
  });
}
