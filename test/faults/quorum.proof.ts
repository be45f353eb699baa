import { faultyServers, SEED } from "./quorum.ts";

faultyServers(100, [SEED, SEED + 1]);
