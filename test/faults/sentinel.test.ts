import { pausedPrimaries } from "./sentinel.ts";

pausedPrimaries({ ttl: 1500, rounds: 1 });
