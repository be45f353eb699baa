import { killedPrimaries, pausedPrimaries } from "./sentinel.ts";

/** The volume that is run by hand is larger: FAILOVERS=20, and MIN_REPLICAS=1. */
const rounds = Number(process.env["FAILOVERS"] ?? 1);
const storeOptions = { minReplicas: Number(process.env["MIN_REPLICAS"] ?? 0) };

killedPrimaries({ ttl: 1500, rounds, storeOptions });
// One is in sentinel.test.ts.
if (rounds > 1) pausedPrimaries({ ttl: 3000, rounds, storeOptions });
