import {
  CLIENTS,
  lateAcquires,
  lateReleases,
  lostRenewals,
  lostReplies,
  swallowedConnections,
} from "./network.ts";

// Each fault with one client, and each client with one fault.
swallowedConnections(["url"]);
lostRenewals(CLIENTS);
lostReplies();
lateAcquires(["ioredis"]);
lateReleases();
