import { crowdedElection } from "./crowded-election.ts";

crowdedElection({ processes: 10, each: 100, ttl: 3000, resignations: 9 });
