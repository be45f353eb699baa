import type { Address } from "../client/address.ts";
import { deferred } from "../client/deferred-driver.ts";
import { firstAnswer } from "../client/first-answer.ts";
import { type GlideClient, glideSettings } from "../client/glide-client.ts";
import type { OpenDriver, Opening } from "../client/redis-driver.ts";
import { findLibrary } from "./redis-packages.ts";

const MISSING =
  "A client of @valkey/valkey-glide is copied by another package, since GLIDE sends commands again by itself: npm install iovalkey (or ioredis, or redis).";

/**
 * Makes connections to a server at an address, with the settings of a client of GLIDE, by another library: GLIDE
 * reconnects by itself, and does not report when a connection is lost.
 * Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`.
 */
export function openerOfGlide(client: GlideClient): (address: Address) => OpenDriver {
  const { hrefOf, connectionName, tls } = glideSettings(client);
  const library = findLibrary(MISSING);
  return (address) => library({ href: hrefOf(address), connectionName }, tls);
}

/** Makes connections to the server of a client of GLIDE: to the primary if it was given the addresses of replicas as well. */
export function primaryOfGlide(client: GlideClient, { timer, prepare }: Opening): OpenDriver {
  const { addresses, reach } = glideSettings(client);
  const openAt = openerOfGlide(client);
  const [first, ...others] = addresses.map((address) => prepare(openAt(reach(address))));
  if (first !== undefined && others.length === 0) return first;
  return deferred((signal) => {
    const servers = first === undefined ? [] : [first, ...others];
    const answered = new AbortController();
    const unwanted = AbortSignal.any([signal, answered.signal]);
    const questions = servers.map((open) => () => ifPrimary(open, unwanted));
    return firstAnswer(questions, timer).finally(() => answered.abort());
  });
}

/** Rejects if the server cannot be reached or is a replica, and as soon as the answer is not wanted. */
async function ifPrimary(open: OpenDriver, signal: AbortSignal): Promise<OpenDriver> {
  signal.throwIfAborted();
  const driver = open({ lost() {} });
  const end = () => driver.end();
  signal.addEventListener("abort", end, { once: true });
  try {
    await driver.connect();
    const reply = String(await driver.send(["INFO", "replication"]));
    if (!/^role:master/m.test(reply)) throw new Error("the server is a replica");
    return open;
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
