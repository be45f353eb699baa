import { clusterConformance } from "./cluster-conformance.ts";

// The other versions of these libraries are those of the candidates in test/faults/cluster.ts.
clusterConformance(["ioredis", "redis-5"]);
