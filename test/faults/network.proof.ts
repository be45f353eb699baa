import { CLIENTS, lateAcquires, swallowedConnections } from "./network.ts";

swallowedConnections(CLIENTS);
lateAcquires(["ioredis", "redis"]);
