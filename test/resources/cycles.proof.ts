import { manyElectors, someElectors } from "./cycles.ts";

someElectors(200);
manyElectors(10_000);
