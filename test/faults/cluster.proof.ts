import {
  killedPrimaries,
  movedSlots,
  nodesAllDown,
  orderedFailovers,
  pausedPrimaries,
} from "./cluster.ts";

/** The volume that is run by hand is larger, and has all of them: FAILOVERS=20. */
const rounds = Number(process.env["FAILOVERS"] ?? 1);

killedPrimaries({ ttl: 1500, rounds });
movedSlots({ ttl: 3000, rounds });
nodesAllDown(1500);
if (rounds > 1) {
  pausedPrimaries({ ttl: 3000, rounds });
  orderedFailovers({ ttl: 1500, rounds });
}
