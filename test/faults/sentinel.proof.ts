import { killedPrimaries, pausedPrimaries } from "./sentinel.ts";

/** The volume that is run by hand is larger: FAILOVERS=20. */
const rounds = Number(process.env["FAILOVERS"] ?? 1);

killedPrimaries({ ttl: 1500, rounds });
// One is in sentinel.test.ts.
if (rounds > 1) pausedPrimaries({ ttl: 3000, rounds });
