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

interface Connection {
  readonly driver: Driver;
  readonly isReady: Promise<void>;
  /** By which the Sentinel at its other end calls itself; nothing if it does not say. */
  id?: Promise<string | undefined>;
}

/** One address of a Sentinel, and the connection to it, which is opened by a question that finds none. */
export class SentinelLink {
  readonly #open: OpenDriver;
  readonly #name: string;
  #connection: Connection | undefined;
  #id: string | undefined;

  constructor(open: OpenDriver, name: string) {
    this.#open = open;
    this.#name = name;
  }

  /** What stays the same if one Sentinel has several addresses: its id, or the address where it does not say its id. */
  get sentinel(): unknown {
    return this.#id ?? this;
  }

  /** Rejects if it cannot be reached, or knows no primary of this name. It may never settle. */
  async ask(): Promise<Primary> {
    const connection = this.#connect();
    const { driver } = connection;
    await connection.isReady;
    connection.id ??= idOf(driver);
    const ask = (what: string) => driver.send(["SENTINEL", what, this.#name]);
    // Both at once, in this order: a Sentinel that is failing over names the new primary before its
    // description does, so an old epoch may come with a new address and never the other way round.
    const [description, address, id] = await Promise.all([
      ask("MASTER"),
      ask("GET-MASTER-ADDR-BY-NAME"),
      connection.id,
    ]);
    this.#id = id;
    return parsePrimary(description, address);
  }

  /** A later question connects again. */
  end(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.driver.end();
  }

  #connect(): Connection {
    if (this.#connection !== undefined) return this.#connection;
    const lost = () => this.#connection === connection && this.end();
    const driver = this.#open({ lost });
    const isReady = driver.connect();
    const connection: Connection = { driver, isReady };
    isReady.catch(lost);
    this.#connection = connection;
    return connection;
  }
}

/** It keeps its id for life. One before Redis 6.2 has no such command, and an ACL may deny it. */
async function idOf(driver: Driver): Promise<string | undefined> {
  const reply = await driver.send(["SENTINEL", "MYID"]).catch(() => undefined);
  return reply === undefined ? undefined : String(reply);
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
