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

/** A claim counts from the moment at which a caller could see it. */
function look() {
  const believes = [...campaigns.values()].some((campaign) => campaign.isLeader());
  if (believes !== believed) report("belief", { believes });
  believed = believes;
}

const commands = {
  campaign: async ({ key }) => {
    const gained = () => {
      report("gained", { key });
      if (sampled) look();
    };
    const gone = () => {
      report("lost", { key });
      if (sampled) look();
    };
    campaigns.set(key, await seat.campaign(key, { gained, lost: gone }));
  },
  stop: async ({ key }) => {
    const campaign = campaigns.get(key);
    const begun = now();
    const stopped = campaign.stop();
    campaigns.delete(key);
    if (sampled) look();
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
  /** Blocks the event loop, and says what the package answers in the first line after it. */
  block: ({ ms, key }) => {
    const until = now() + ms;
    while (now() < until);
    return { leads: campaigns.get(key).isLeader(), at: now() };
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
    // After a pause this is the first line that runs: no other timer is due earlier.
    const gap = now() - last;
    if (gap > settings.ttl) report("resumed", { leads: someoneLeads() });
    look();
    last = now();
  }, 3);
}

function someoneLeads() {
  return [...campaigns.values()].some((campaign) => campaign.isLeader());
}

report("ready", {});
