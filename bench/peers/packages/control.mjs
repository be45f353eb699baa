// What a team writes for itself: scripts that acquire, renew and release, one timer an election, a message
// on release. It shows what this machine can do, and lacks what the guarantees of Incumbent cost: tokens,
// a guard against a server that forgot, retries, events.

import { randomUUID } from "node:crypto";
import { now } from "../clock.mjs";
import { connect } from "../connect.mjs";

export const use =
  "Written by hand for this comparison: three scripts, one timer an election, a message on release. No token, no guard against a server that has forgotten, no events.";

export const requests = ["evalsha", "eval", "subscribe"];

export const closely = true;

export const follows = true;

export const crowds = true;

export const most = 1_000_000;

export const renewsEvery = ({ renewal }) => renewal;

const acquire = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
return redis.call('PTTL', KEYS[1])`;

const renew = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

const release = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
  redis.call('PUBLISH', KEYS[1], '')
end`;

export async function open({ port, ttl, renewal }) {
  const client = connect(port);
  const subscriber = connect(port);
  for (const [name, lua] of Object.entries({ acquire, renew, release })) {
    client.defineCommand(`${name}Lease`, { numberOfKeys: 1, lua });
  }
  const elections = new Set();
  subscriber.on("message", (channel) => {
    for (const election of elections) if (election.key === channel) void election.wake();
  });
  return {
    campaign: async (key, callbacks) => {
      const election = new Election(client, key, { ttl, renewal, ...callbacks });
      elections.add(election);
      await subscriber.subscribe(key);
      void election.wake();
      return {
        isLeader: () => election.isLeader(),
        stop: async () => {
          elections.delete(election);
          await election.stop();
        },
      };
    },
  };
}

class Election {
  #client;
  key;
  #options;
  #id = randomUUID();
  #leads = false;
  #trustedUntil = 0;
  #timer;
  #asks = false;
  #isWoken = false;
  #isStopped = false;

  constructor(client, key, options) {
    this.#client = client;
    this.key = key;
    this.#options = options;
  }

  isLeader() {
    return now() < this.#trustedUntil;
  }

  /** The time of the timer, or a message, has come. A message during a request counts after it. */
  async wake() {
    if (this.#isStopped) return;
    if (this.#asks) {
      this.#isWoken = true;
      return;
    }
    this.#asks = true;
    clearTimeout(this.#timer);
    if (this.#leads) this.#loseAt(this.#trustedUntil);
    const delay = await this.#ask().catch(() => this.#options.renewal);
    this.#asks = false;
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), this.#isWoken ? 0 : delay);
    this.#isWoken = false;
  }

  async stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#lose();
    await this.#client.releaseLease(this.key, this.#id);
  }

  /** Asks for the lease, or for more of it. Returns after how long to ask again. */
  async #ask() {
    const { ttl, renewal, gained } = this.#options;
    const sentAt = now();
    if (this.#leads) {
      const renewed = await this.#client.renewLease(this.key, this.#id, ttl);
      if (renewed !== 1) this.#lose();
      else if (this.isLeader()) this.#trustedUntil = sentAt + ttl * 0.99;
      return renewed === 1 ? renewal : 0;
    }
    const left = await this.#client.acquireLease(this.key, this.#id, ttl);
    if (left !== 0) return left + 1;
    if (this.#isStopped) return 0;
    this.#leads = true;
    this.#trustedUntil = sentAt + ttl * 0.99;
    gained();
    return renewal;
  }

  #loseAt(deadline) {
    this.#timer = setTimeout(() => this.#lose(), deadline - now());
  }

  #lose() {
    if (!this.#leads) return;
    this.#leads = false;
    this.#trustedUntil = 0;
    this.#options.lost();
  }
}

export function remaining(redis, key) {
  return redis.pttl(key);
}
