import { instances } from "../../../simulation/exhaustive/instances.ts";
import {
  explored,
  mistakes,
  mistakesOfThree,
  seenAsSoon,
  seenMistakes,
  seenMistakesOfThree,
  seenTrust,
} from "./explore.ts";

explored(instances.small);
seenMistakes(mistakes);
seenTrust();
seenMistakesOfThree(mistakesOfThree);
seenAsSoon();
