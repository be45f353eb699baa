import { attemptsToConnect } from "./reconnects.ts";

attemptsToConnect(["ioredis", "redis"]);
