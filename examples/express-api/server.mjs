// One instance. All of them answer reads; a write that comes to a follower is redirected to the leader.

import { once } from "node:events";
import express from "express";
import { Elector } from "incumbent";
import { expressPages, expressToLeader } from "incumbent/http";
import { RedisStore } from "incumbent/redis";
import { SqliteStore } from "incumbent/sqlite";
import { appendNote, readNotes } from "./notes.mjs";

const { PORT = "3000", DATA = ".", INCUMBENT_STORE: redis } = process.env;
const notes = `${DATA}/notes.jsonl`;
const store = redis ? new RedisStore(redis) : new SqliteStore(`${DATA}/leases.db`);

const app = express();
const server = app.listen(Number(PORT), "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}`;

// The address of the instance goes with the lease.
const elector = new Elector(store, "express-api", { ttl: 2_000, nodeId: url, metadata: url });
elector.onLeadershipChange((isLeader) => console.log(`${url} ${isLeader ? "leads" : "follows"}`));

app.use(expressPages(elector)); // /livez, /readyz and /leader

app.get("/notes", (_request, response) => {
  response.json(readNotes(notes));
});

app.post("/notes", expressToLeader(elector), express.json(), (request, response) => {
  const { term } = elector;
  // It led when the request came, and may not any more, now that the body has been read.
  if (term === undefined) return response.set("retry-after", "1").sendStatus(503);

  const text = request.body?.text;
  if (typeof text !== "string")
    return response.status(400).json({ error: "text must be a string" });
  appendNote(notes, term.token, text); // Nothing is awaited between the question and the write.
  response.status(201).json({ text, writtenBy: elector.nodeId });
});

await elector.start();
process.send?.(url);

process.once("SIGTERM", async () => {
  await elector.stop(); // Another process leads from now on, and requests that still come in are redirected there.
  server.close();
  await store.close();
});
