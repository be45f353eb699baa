import { instances } from "../../../simulation/exhaustive/instances.ts";
import {
  explored,
  mistakes,
  mistakesOfThree,
  seenMistakes,
  seenMistakesOfThree,
  seenTrust,
} from "./explore.ts";

// Those that take a second at the most.
const [, resignation, olderMemory, flush, , , threeServers] = instances.small;
explored([resignation, olderMemory, flush, threeServers].filter((each) => each !== undefined));
seenMistakes(mistakes.filter(([, , , rules]) => rules !== "plainCounterWithoutFloor"));
seenTrust();
seenMistakesOfThree(mistakesOfThree.slice(0, 2));
