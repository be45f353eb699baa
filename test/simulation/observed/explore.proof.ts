import { instances } from "../../../simulation/observed/exhaustive/instances.ts";
import { explored, seenMistakes } from "./explore.ts";

explored([...instances.small, ...instances.large]);
seenMistakes();
