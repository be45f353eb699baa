import { instances } from "../../../simulation/observed/exhaustive/instances.ts";
import { explored } from "./explore.ts";

explored(instances.large);
