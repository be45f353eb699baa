import { pausedPrimaries } from "./cluster.ts";

pausedPrimaries({ ttl: 1500, rounds: 1 });
