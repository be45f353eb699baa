import { manyElectors } from "./cycles.ts";

manyElectors(10_000);
