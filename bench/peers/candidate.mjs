// One process that campaigns with one package. It carries out what its parent asks for (candidates.mjs),
// and reports terms with the time at which they began and ended.

import { now } from "./clock.mjs";

const { name, settings, sampled } = JSON.parse(process.argv[2]);
const { open } = await import(`./packages/${name}.mjs`);
const seat = await open(settings);
const campaigns = new Map();
let held = 0;
let lost = 0;
let believed = false;

const report = (event, fields) => process.send?.({ event, at: now(), ...fields });

process.on("unhandledRejection", (error) => {
  report("fatal", { message: String(error) });
  process.exit(1);
});

const believes = () => [...campaigns.values()].some((campaign) => campaign.isLeader());

/** Reports what a caller would see now, if that is news. */
function look(at = now()) {
  const before = believed;
  believed = believes();
  if (sampled && believed !== before) report("belief", { at, believes: believed });
}

const commands = {
  /** Campaigns for a key, under a name of its own if there are several in this process. */
  campaign: async ({ key, member = key }) => {
    const tell = (event) => () => {
      report(event, { member });
      look();
    };
    campaigns.set(member, await seat.campaign(key, { gained: tell("gained"), lost: tell("lost") }));
    look();
  },
  stop: async ({ member }) => {
    const campaign = campaigns.get(member);
    const begun = now();
    const stopped = campaign.stop();
    campaigns.delete(member);
    look();
    await stopped;
    return begun;
  },
  /** Campaigns for `count` keys at once, and reports "all-held" when it leads in all of them. */
  campaignForMany: async ({ count }) => {
    const begun = now();
    const gained = () => {
      held += 1;
      if (held === count) report("all-held", { took: now() - begun });
    };
    const gone = () => {
      held -= 1;
      lost += 1;
    };
    for (let index = 0; index < count; index += 1) {
      const key = `many:${index}`;
      campaigns.set(key, seat.campaign(key, { gained, lost: gone }));
    }
    for (const [key, campaign] of campaigns) campaigns.set(key, await campaign);
  },
  /** What the process has used so far, and in how many elections it says that it leads. */
  usage: () => {
    const { user, system } = process.cpuUsage();
    const leads = [...campaigns.values()].filter((campaign) => campaign.isLeader()).length;
    return { at: now(), cpu: (user + system) / 1000, rss: process.memoryUsage.rss(), leads, lost };
  },
  /** Blocks the event loop, without using the processor. Returns what the first line after it sees. */
  block: ({ ms }) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    const at = now();
    const leads = believes();
    look(at);
    return { at, leads };
  },
};

process.on("message", async ({ id, command, args }) => {
  const result = await commands[command](args);
  process.send?.({ id, result });
});
process.on("disconnect", () => process.exit());

if (sampled) {
  let last = now();
  setInterval(() => {
    const at = now();
    // After a pause this is the first line that runs: no other timer is due earlier.
    if (at - last > settings.ttl) report("resumed", { at, leads: believes() });
    look(at);
    last = at;
  }, 3);
}

report("ready", {});
