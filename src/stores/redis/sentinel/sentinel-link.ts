import type { Driver, OpenDriver } from "../client/redis-driver.ts";

/** The server that a Sentinel takes for the primary. */
export interface Primary {
  readonly host: string;
  readonly port: number;
  /** The configuration's epoch: it grows with every failover. */
  readonly epoch: number;
  /** How many Sentinels it knows besides itself, if it says so. */
  readonly others?: number | undefined;
}

/** One Sentinel, and the connection to it, which is opened by a question that finds none. */
export class SentinelLink {
  readonly #open: OpenDriver;
  readonly #name: string;
  #connection: { readonly driver: Driver; readonly isReady: Promise<void> } | undefined;

  constructor(open: OpenDriver, name: string) {
    this.#open = open;
    this.#name = name;
  }

  /** Rejects if it cannot be reached, or knows no primary of this name. It may never settle. */
  async ask(): Promise<Primary> {
    const { driver, isReady } = this.#connect();
    await isReady;
    const ask = (what: string) => driver.send(["SENTINEL", what, this.#name]);
    // Both at once, in this order: a Sentinel that is failing over names the new primary before its
    // description does, so an old epoch may come with a new address and never the other way round.
    const [description, address] = await Promise.all([
      ask("MASTER"),
      ask("GET-MASTER-ADDR-BY-NAME"),
    ]);
    return parsePrimary(description, address);
  }

  /** A later question connects again. */
  end(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.driver.end();
  }

  #connect() {
    if (this.#connection !== undefined) return this.#connection;
    const lost = () => this.#connection === connection && this.end();
    const driver = this.#open({ lost });
    const isReady = driver.connect();
    const connection = { driver, isReady };
    isReady.catch(lost);
    this.#connection = connection;
    return connection;
  }
}

function parsePrimary(description: unknown, address: unknown): Primary {
  const epoch = Number(fieldOf(description, "config-epoch"));
  const [host, port] = Array.isArray(address) ? address.map(String) : [];
  if (!host || !Number.isInteger(Number(port)) || !Number.isInteger(epoch)) {
    throw new Error("A Sentinel answered with what none says");
  }
  const others = fieldOf(description, "num-other-sentinels");
  return {
    ...{ host, port: Number(port), epoch },
    others: others === undefined ? undefined : Number(others),
  };
}

/** Of a list of names and values; of an object or a map under RESP3. */
function fieldOf(reply: unknown, name: string): unknown {
  if (Array.isArray(reply)) {
    const words = reply.map(String);
    return words[words.indexOf(name) + 1];
  }
  if (reply instanceof Map) return reply.get(name);
  return typeof reply === "object" && reply !== null ? Reflect.get(reply, name) : undefined;
}
