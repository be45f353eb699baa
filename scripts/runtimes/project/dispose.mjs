// What `await using` does, for a runtime that does not have its syntax.

import { Elector, MemoryStore } from "incumbent";

const elector = new Elector(new MemoryStore(), "office");
elector.onLeadershipChange((isLeader) => console.log(isLeader ? "elected" : "deposed"));
try {
  await elector.start();
  await elector.waitForLeadership();
} finally {
  await elector[Symbol.asyncDispose]();
}
console.log(`leads: ${elector.isLeader()}`);
