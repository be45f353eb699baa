import { type FencedTerm, requireCurrent, superseded } from "../fenced-term.ts";
import { checkOptions, invalid, visibleName } from "../input.ts";
import { checkToken, type Fence } from "./fence.ts";
import { checkResource } from "./fence-check.ts";

/** What is used of an ioredis client (5, 6), also of a cluster. */
interface IoredisFenceClient {
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** What is used of a node-redis client (5, 6). */
interface NodeRedisFenceClient {
  sendCommand(args: string[]): Promise<unknown>;
}

/** A connected client of yours. */
export type RedisFenceClient = IoredisFenceClient | NodeRedisFenceClient;

/** How a {@link RedisFence} may be set up. */
export interface RedisFenceOptions {
  /**
   * Stands before the name of a resource, to make the key of its hash.
   * @defaultValue `"fence:"`
   */
  readonly prefix?: string | undefined;
}

type Send = (args: string[]) => Promise<unknown>;

// A token is below 2^53, which Lua's numbers keep. One key a resource, so that a cluster can run it.
const RAISE = `
local seen = redis.call('HGET', KEYS[1], 'token')
if seen and tonumber(ARGV[1]) < tonumber(seen) then return seen end
redis.call('HSET', KEYS[1], 'token', ARGV[1])
if ARGV[2] then redis.call('HSET', KEYS[1], 'value', ARGV[2]) end
return ARGV[1]`;

/**
 * A fence in Redis: the largest token of each resource, in a hash of its own, and a value beside it if you like. Both
 * change in one script, so a late leader changes nothing. Errors of the client are passed on.
 *
 * It knows as much as the server does: after a fail-over to a replica that is behind, or an eviction, an old leader is
 * admitted until the new one has written again.
 *
 * @example
 * const fence = new RedisFence(new Redis());
 * await fence.set("cursor", "42", term); // throws LeadershipLostError if a later leader has written
 * await fence.get("cursor"); // "42"
 */
export class RedisFence implements Fence {
  readonly #send: Send;
  readonly #prefix: string;

  /**
   * @param client An ioredis client, or a connected node-redis client of one server.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
   */
  constructor(client: RedisFenceClient, options: RedisFenceOptions = {}) {
    this.#send = senderOf(client);
    const { prefix = "fence:" } = checkOptions(options, ["prefix"], '{ prefix: "fence:" }');
    this.#prefix = visibleName("prefix", prefix, { min: 1, max: 512, example: '"fence:"' });
  }

  /**
   * Remembers the token unless a larger one was seen, and resolves with the largest.
   *
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
   */
  async raise(resource: string, token: number): Promise<number> {
    return this.#run(resource, String(checkToken(token)));
  }

  /**
   * Sets the value of the resource, unless a later leader has written to it.
   *
   * @throws LeadershipLostError if the term is over, or a larger token was seen.
   */
  async set(resource: string, value: string, term: FencedTerm): Promise<void> {
    requireCurrent(term);
    if (typeof value !== "string") {
      throw invalid({ name: "value", rule: "must be a string", value, example: '"42"' });
    }
    const newest = await this.#run(resource, String(term.token), value);
    if (newest !== term.token) throw superseded(term);
  }

  /** The value that was set last, or `undefined`. */
  async get(resource: string): Promise<string | undefined> {
    const value = await this.#send(["HGET", this.#keyOf(resource), "value"]);
    return value === null || value === undefined ? undefined : String(value);
  }

  async #run(resource: string, ...args: string[]): Promise<number> {
    return Number(await this.#send(["EVAL", RAISE, "1", this.#keyOf(resource), ...args]));
  }

  #keyOf(resource: string): string {
    return this.#prefix + checkResource(resource);
  }
}

function senderOf(client: RedisFenceClient): Send {
  if (typeof client === "object" && client !== null) {
    if ("call" in client && typeof client.call === "function") {
      return ([command = "", ...args]) => client.call(command, ...args);
    }
    // A cluster of node-redis takes other arguments.
    const isOne = "sendCommand" in client && !("masters" in client);
    if (isOne && typeof client.sendCommand === "function")
      return (args) => client.sendCommand(args);
  }
  const rule = "must be an ioredis client, or a node-redis client of one server";
  throw invalid({ name: "client", rule, value: client, example: "new Redis() of ioredis" });
}
