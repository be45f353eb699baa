import type { Address } from "../client/address.ts";
import { deferred } from "../client/deferred-driver.ts";
import { type GlideClient, glideSettings } from "../client/glide-client.ts";
import type { OpenDriver, Opening } from "../client/redis-driver.ts";
import { findLibrary } from "./redis-packages.ts";

const MISSING =
  "A client of @valkey/valkey-glide is copied by another package, since GLIDE sends commands again by itself: npm install iovalkey (or ioredis, or redis).";

/** How long the other servers are waited for when one has said that it is the primary, in ms. */
const GRACE = 250;

/**
 * Makes connections to a server at an address, with the settings of a client of GLIDE, by another library: GLIDE
 * reconnects by itself, and does not report when a connection is lost.
 * Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`.
 */
export function openerOfGlide(client: GlideClient): (address: Address) => OpenDriver {
  glideSettings(client); // So that what is wrong is said at once.
  const library = findLibrary(MISSING);
  return (address) => (events) => {
    const { hrefOf, connectionName, tls } = glideSettings(client);
    return library({ href: hrefOf(address), connectionName }, tls)(events);
  };
}

/** Makes connections to the server of a client of GLIDE: to the primary if it was given the addresses of replicas as well. */
export function primaryOfGlide(client: GlideClient, opening: Opening): OpenDriver {
  const openAt = openerOfGlide(client);
  const servers = (): Server[] => {
    const { addresses, reach } = glideSettings(client);
    return addresses.map((address) => {
      return { address, open: opening.prepare((events) => openAt(reach(address))(events)) };
    });
  };
  return deferred(async (signal) => {
    const known = servers();
    const [first] = known;
    return first !== undefined && known.length === 1
      ? first.open
      : primaryOf(known, opening, signal);
  });
}

interface Server {
  readonly address: Address;
  readonly open: OpenDriver;
}

/**
 * The server that says that it is the primary. Rejects if none does, with why; and if two do, as GLIDE itself does when
 * it connects: both would elect.
 */
async function primaryOf(
  servers: readonly Server[],
  { timer }: Opening,
  signal: AbortSignal,
): Promise<OpenDriver> {
  const answered = new AbortController();
  const unwanted = AbortSignal.any([signal, answered.signal]);
  const primaries: Server[] = [];
  const failures = new Map<Server, string>();
  let cancelGrace = () => {};
  const known = new Promise<void>((resolve) => {
    const ask = async (server: Server) => {
      try {
        await checkPrimary(server.open, unwanted);
        primaries.push(server);
        cancelGrace();
        cancelGrace = timer(GRACE, resolve);
      } catch (error) {
        failures.set(server, error instanceof Error ? error.message : String(error));
      }
    };
    void Promise.all(servers.map(ask)).then(() => resolve());
  });
  await known;
  cancelGrace();
  answered.abort();
  const [primary, other] = primaries;
  if (primary === undefined) {
    throw new Error(servers.map((each) => `${each.address}: ${failures.get(each)}`).join("; "));
  }
  if (other === undefined) return primary.open;
  throw new Error(`${primary.address} and ${other.address} both say that they are the primary`);
}

/** Rejects if the server cannot be reached or is a replica, and as soon as the answer is not wanted. */
async function checkPrimary(open: OpenDriver, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const driver = open({ lost() {} });
  const end = () => driver.end();
  signal.addEventListener("abort", end, { once: true });
  try {
    await driver.connect();
    const reply = String(await driver.send(["INFO", "replication"]));
    if (!/^role:master/m.test(reply)) throw new Error("the server is a replica");
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
