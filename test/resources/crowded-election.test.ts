import { crowdedElection } from "./crowded-election.ts";

crowdedElection({ processes: 4, each: 10, ttl: 1000, resignations: 3 });
