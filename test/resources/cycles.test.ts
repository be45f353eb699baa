import { someElectors } from "./cycles.ts";

someElectors(200);
