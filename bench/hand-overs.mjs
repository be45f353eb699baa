import { Elector } from "../dist/index.js";

/**
 * How long it took from each resignation to the next leader, in ms, between two electors that have a
 * store each. Does `between` after each.
 */
export async function handOvers(
  stores,
  rounds,
  between = () => {},
  { renewalInterval = 100 } = {},
) {
  const electors = stores.map(
    (store) => new Elector(store, "bench", { ttl: 2000, renewalInterval }),
  );
  await Promise.all(electors.map((elector) => elector.start()));
  await Promise.any(electors.map((elector) => elector.waitForLeadership()));
  const took = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who resigned holds off for a renewal interval; then both are candidates again.
    await new Promise((resolve) => setTimeout(resolve, renewalInterval * 1.5));
    const leader = electors.find((elector) => elector.isLeader());
    const follower = electors.find((elector) => elector !== leader);
    const begun = performance.now();
    const elected = follower.waitForLeadership();
    void leader.resign();
    await elected;
    took.push(performance.now() - begun);
    await between();
  }
  await Promise.all(electors.map((elector) => elector.stop()));
  return took;
}
