// One instance. All of them answer reads; a write that comes to a follower is sent on to the leader.

import { once } from "node:events";
import express from "express";
import { Elector } from "incumbent";
import { RedisStore } from "incumbent/redis";
import { SqliteStore } from "incumbent/sqlite";
import { appendNote, readNotes } from "./notes.mjs";

const { PORT = "3000", DATA = ".", INCUMBENT_STORE: redis } = process.env;
const notes = `${DATA}/notes.jsonl`;
const store = redis ? new RedisStore(redis) : new SqliteStore(`${DATA}/leases.db`);

const app = express();
app.use(express.json());

app.get("/notes", (_request, response) => {
  response.json(readNotes(notes));
});

app.post("/notes", async (request, response) => {
  const { term } = elector;
  if (term === undefined) return await sendToLeader(response);

  const text = request.body?.text;
  if (typeof text !== "string")
    return response.status(400).json({ error: "text must be a string" });
  appendNote(notes, term.token, text); // Nothing is awaited between the question and the write.
  response.status(201).json({ text, writtenBy: elector.nodeId });
});

/** 307 keeps method and body, so that the client repeats the same request at the leader. */
async function sendToLeader(response) {
  const leader = await elector.leader().catch(() => undefined); // The store is out of reach.
  // A leader that has just given up is still in the store until its lease ends.
  if (leader === undefined || leader.nodeId === elector.nodeId) {
    return response.set("retry-after", "1").status(503).json({ error: "nobody leads" });
  }
  response.redirect(307, `${leader.metadata}/notes`);
}

const server = app.listen(Number(PORT), "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}`;

// The address of the instance goes with the lease.
const elector = new Elector(store, "express-api", { ttl: 2_000, nodeId: url, metadata: url });
elector.onLeadershipChange((isLeader) => console.log(`${url} ${isLeader ? "leads" : "follows"}`));
await elector.start();
process.send?.(url);

process.once("SIGTERM", async () => {
  await elector.stop(); // Another leads from now on, and what still comes in here is sent there.
  server.close();
  await store.close();
});
