import {
  commandsByHand,
  deathsOfBoth,
  emptyRestarts,
  equalIdentities,
  frozenServers,
} from "./server.ts";

frozenServers(["url"]);
emptyRestarts(3);
deathsOfBoth();
commandsByHand();
equalIdentities();
