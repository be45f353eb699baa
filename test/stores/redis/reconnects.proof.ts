import { attemptsToConnect } from "./reconnects.ts";

attemptsToConnect(["ioredis-5", "redis-5"]);
