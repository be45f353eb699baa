import { CLIENTS } from "./network.ts";
import { emptyRestarts, frozenServers } from "./server.ts";

frozenServers(CLIENTS);
emptyRestarts(20);
