import { faultyServers, halfOfTheServers, SEED } from "./quorum.ts";

faultyServers(8, [SEED]);
halfOfTheServers();
