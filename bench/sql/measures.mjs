import { handOvers } from "../hand-overs.mjs";
import { median, quantile } from "../median.mjs";

/** What is measured of each way, as `{ measure, median, p99 }` in ms. Round by round in turn: the machine is the same for all. */
export async function* measureAll(database, keys, { rounds, handOverRounds, manyRounds }) {
  const ways = [database.incumbent, ...database.others];
  const times = new Map(ways.map((way) => [way, { renewal: [], acquire: [] }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [way, { renewal, acquire }] of times) {
      renewal.push(await timeOf(way.renew));
      await way.release();
      acquire.push(await timeOf(way.acquire));
    }
  }
  yield rowOf("renewal", ways, (way) => times.get(way).renewal);
  yield rowOf("acquire", ways, (way) => times.get(way).acquire);
  yield await measureHandOvers(database, ways, handOverRounds);
  for (const count of [100, 1000]) {
    const some = keys.slice(0, count);
    const took = new Map(ways.map((way) => [way, []]));
    for (let round = 0; round < (manyRounds * 100) / count; round += 1) {
      for (const [way, list] of took) list.push(await timeOf(() => way.renewMany(some)));
    }
    yield rowOf(`renewal of ${count.toLocaleString("en")}`, ways, (way) => took.get(way));
  }
}

/** A hand-over by hand after each of two electors, which have a store each. */
async function measureHandOvers({ open, others }, ways, rounds) {
  const stores = [open(), open()];
  const took = new Map(ways.map((way) => [way, []]));
  const byOthers = async () => {
    for (const way of others) took.get(way).push(await way.handOver());
  };
  // Longer than the pause between two looks: until then, who has resigned leaves the office to the other.
  const own = await handOvers(stores, rounds, byOthers, { renewalInterval: 500 });
  await Promise.all(stores.map((store) => store.close()));
  took.get(ways[0]).push(...own);
  return rowOf("hand-over", ways, (way) => took.get(way));
}

async function timeOf(act) {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

/** Without the first tenth, in which code is compiled and statements are planned. */
function rowOf(measure, ways, timesOf) {
  const figures = ways.map((way) => {
    const all = timesOf(way);
    const times = all.slice(Math.ceil(all.length / 10));
    return { way: way.name, median: median(times), p99: quantile(times, 0.99) };
  });
  return { measure, figures };
}
