// One candidate. Everything that a program needs to take part in an election is in this file.

import { Elector } from "incumbent";
import { RedisStore } from "incumbent/redis";
import { SqliteStore } from "incumbent/sqlite";

const [name, file] = process.argv.slice(2);
const redis = process.env.INCUMBENT_STORE;
const store = redis ? new RedisStore(redis) : new SqliteStore(file);

const elector = new Elector(store, "kill-the-leader", { ttl: 2_000, nodeId: name });

elector.onLeadershipChange((isLeader, term) => {
  if (isLeader) process.send({ name, token: term.token });
});
await elector.start();

// The parent has gone, or says that this is all.
process.once("disconnect", async () => {
  await elector.stop();
  await store.close();
});
