// The same with require.

const { Elector } = require("incumbent");
const { RedisElector } = require("incumbent/redis");
const { SqliteStore } = require("incumbent/sqlite");
const { Redis } = require("ioredis");

const [kind, place, key] = process.argv.slice(2);

function makeElector() {
  switch (kind) {
    case "URL":
      return new RedisElector(place, key);
    case "client":
      return new RedisElector(new Redis(place), key);
    default:
      return new Elector(new SqliteStore(place), key);
  }
}

async function lead() {
  const elector = makeElector();
  await elector.start();
  const { token } = await elector.waitForLeadership();
  console.log(`led with token ${token}, stopped ${await elector.stop()}`);
  process.exit(); // The application's client is still open.
}

void lead();
