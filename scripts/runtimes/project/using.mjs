import { Elector, MemoryStore } from "incumbent";

let kept;
{
  await using elector = new Elector(new MemoryStore(), "office");
  elector.onLeadershipChange((isLeader) => console.log(isLeader ? "elected" : "deposed"));
  await elector.start();
  await elector.waitForLeadership();
  kept = elector;
}
console.log(`leads: ${kept.isLeader()}`);
