import { electorsInARow, LEAK } from "./cycles.ts";

electorsInARow(1000, LEAK);
