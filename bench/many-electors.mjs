import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Elector } from "../dist/index.js";

const ELECTORS = 10_000;
const INTERVAL = 667;
const ROUNDS = 6;

const nothing = () => {};

/** A store that answers at once and holds nothing, so that what is measured is the elector. */
class InstantStore {
  traits = { name: "instant", exclusion: "strict", tokens: "memory" };
  renewals = 0;
  async acquire() {
    return { granted: true, token: 1, since: 0 };
  }
  async renew() {
    this.renewals += 1;
    return { renewed: true };
  }
  async release() {
    return { released: true };
  }
  watch() {
    return nothing;
  }
  async close() {}
}

/** What a renewal costs beside the store, against a timer and a call for each lease; and what an elector holds. */
export async function measureManyElectors() {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const keys = Array.from({ length: ELECTORS }, (_, index) => `bench:${index}`);
  const heapUsed = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };

  const byHand = new InstantStore();
  const timers = keys.map((key) =>
    setInterval(async () => {
      if (!(await byHand.renew({ key })).renewed) throw new Error("the lease was lost");
    }, INTERVAL),
  );
  const minimum = await costOf(byHand);
  for (const timer of timers) clearInterval(timer);

  const store = new InstantStore();
  const before = heapUsed();
  const electors = keys.map(
    (key) => new Elector(store, key, { ttl: 3 * INTERVAL, renewalInterval: INTERVAL }),
  );
  await Promise.all(electors.map((elector) => elector.start()));
  const ours = await costOf(store);
  const held = (heapUsed() - before) / ELECTORS;
  await Promise.all(electors.map((elector) => elector.stop()));
  return [
    {
      what: "a renewal of 10,000 electors beside the store",
      ours,
      minimum,
      unit: "us",
      budget: 10,
    },
    { what: "an elector that leads holds", ours: held, unit: "bytes", budget: 2500 },
  ];
}

/** The CPU time of a renewal in us, once the code is compiled. */
async function costOf(store) {
  await rounds(2);
  const begun = { cpu: process.cpuUsage(), renewals: store.renewals };
  await rounds(ROUNDS);
  const { user, system } = process.cpuUsage(begun.cpu);
  return (user + system) / (store.renewals - begun.renewals);
}

function rounds(count) {
  return new Promise((resolve) => setTimeout(resolve, count * INTERVAL));
}
