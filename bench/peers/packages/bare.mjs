// No election: the least that renewing a lease can cost. One script for 200 keys, one at a time, that does
// the reads and writes of a renewal (eleven fields, of which two are written) and nothing else. The scripts are spread
// over the interval, as the renewals of electors are: if they follow one another at once, the server has all keys in its
// caches and needs two thirds of the time (measured).

import { connect } from "../connect.mjs";

export const use = "No election: the lower limit of what a renewal costs the server.";

export const elects = false;

export const requests = ["evalsha", "eval"];

export const most = 1_000_000;

export const renewsEvery = ({ renewal }) => renewal;

const KEYS_PER_SCRIPT = 200;

const renew = `
for i, key in ipairs(KEYS) do
  redis.call('HMGET', key, 'incumbent', 'token', 'nonce', 'exp', 'ttl', 'since', 'node', 'metadata',
    'run', 'epoch', 'until')
  redis.call('HSET', key, 'exp', ARGV[1], 'ttl', ARGV[2])
end`;

const fields = {
  ...{ incumbent: "1", token: "1700000000000000", nonce: "0".repeat(32), exp: "1700000002000000" },
  ...{ ttl: "2000000", since: "1700000000000000", node: "0".repeat(32), metadata: "" },
  ...{ run: "0".repeat(81), epoch: "1700000000000000", until: "0", floor: "0" },
};

export async function open({ port, renewal }) {
  const client = connect(port);
  client.defineCommand("renewAll", { lua: renew });
  const keys = [];
  const renewSome = (some) =>
    client.renewAll(some.length, ...some, String(Date.now() * 1000), "2000000");
  const renewAll = () => {
    const pause = (renewal * KEYS_PER_SCRIPT) / keys.length;
    for (let from = 0; from < keys.length; from += KEYS_PER_SCRIPT) {
      const some = keys.slice(from, from + KEYS_PER_SCRIPT);
      setTimeout(renewSome, (from / KEYS_PER_SCRIPT) * pause, some);
    }
  };
  setInterval(renewAll, renewal);
  return {
    campaign: async (key, { gained }) => {
      await client.hset(key, fields);
      keys.push(key);
      gained();
      return { isLeader: () => true, stop: () => keys.splice(keys.indexOf(key), 1) };
    },
  };
}
