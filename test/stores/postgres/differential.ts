import pg from "pg";
import {
  acquire,
  type Moment,
  read,
  release,
  renew,
  type StoredLease,
} from "../../../src/stores/lease-rules.ts";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import type { PgPool } from "../../../src/stores/postgres/postgres-client.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";

const TTL = 60_000;
/** No sum of these comes near the end of a lease, so that it does not matter how fast the test runs. */
const STEP = 7000;

/** Random numbers by seed. */
function randomBy(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

interface Attempt {
  readonly asked: AcquireRequest;
  token: number;
}

/** What the rules say, on a clock of their own. */
class Twin {
  lease: StoredLease | undefined;
  now = 0;
  /** Until when a lease that was forgotten may be believed in. */
  waitsUntil = 0;
  isForgetful = false;

  get moment(): Moment {
    return { now: this.now, wall: 1, quarantine: () => this.waitsUntil - this.now };
  }

  /** A request for a lease is the first to notice a loss. */
  notice(): void {
    if (this.isForgetful) this.waitsUntil = this.now + TTL;
    this.isForgetful = false;
  }
}

/** One election on a real server, beside what the rules say of it. */
class Run {
  readonly #store: PostgresStore;
  readonly #admin: pg.Client;
  readonly #random: (below: number) => number;
  readonly #patience: number;
  readonly #key: string;
  readonly #twin = new Twin();
  readonly #attempts: Attempt[] = [];
  #largest = 0;
  #copy: readonly [StoredLease | undefined, Record<string, unknown>] | undefined;

  constructor(store: PostgresStore, admin: pg.Client, seed: number, patience: number) {
    this.#patience = patience;
    this.#store = store;
    this.#admin = admin;
    this.#random = randomBy(seed);
    this.#key = `seed ${seed}`;
  }

  async play(moves: number): Promise<string[]> {
    const said: string[] = [];
    // The row has to be there before it can be put back.
    said.push(...(await this.#acquire()));
    for (let move = 0; move < moves && said.length === 0; move += 1) {
      const kinds = [
        ...[() => this.#acquire(), () => this.#acquire(), () => this.#renew(), () => this.#renew()],
        ...[() => this.#release(), () => this.#read(), () => this.#pass(), () => this.#pass()],
        ...[() => this.#remember(), () => this.#forget(), () => this.#late()],
      ];
      const kind = kinds[this.#random(kinds.length)] ?? kinds[0];
      said.push(...((await kind?.()) ?? []));
    }
    return said.map((what) => `${this.#key}: ${what}`);
  }

  async #acquire(): Promise<string[]> {
    const notAfter = performance.now() + this.#patience;
    const nodeId = `node ${this.#random(9)}`;
    const asked = acquireRequest(this.#key, { ttl: TTL, nodeId, notAfter });
    this.#twin.notice();
    const { reply, write } = acquire(this.#twin.lease, asked, this.#twin.moment);
    const real = await this.#store.acquire(asked);
    if (!real.granted || !reply.granted) {
      return differ("acquire", real.granted || real.reason, reply.granted || reply.reason);
    }
    if (write !== undefined) this.#twin.lease = { ...write, token: real.token };
    this.#attempts.push({ asked, token: real.token });
    const grows = real.token > this.#largest ? [] : ["a token does not grow"];
    this.#largest = Math.max(this.#largest, real.token);
    return [...grows, ...(await this.#fence(real.token))];
  }

  async #renew(): Promise<string[]> {
    const attempt = this.#attempts[this.#random(this.#attempts.length)];
    if (attempt === undefined) return [];
    const notAfter = performance.now() + this.#patience;
    const asked = renewRequest(attempt.asked, attempt.token, { notAfter });
    this.#twin.notice();
    const { reply, write } = renew(this.#twin.lease, asked, this.#twin.moment);
    const real = await this.#store.renew(asked);
    if (write !== undefined) this.#twin.lease = write;
    const fence = reply.renewed ? await this.#fence(attempt.token) : [];
    return [...differ("renew", real.renewed, reply.renewed), ...fence];
  }

  async #release(): Promise<string[]> {
    const attempt = this.#attempts[this.#random(this.#attempts.length)];
    if (attempt === undefined) return [];
    const { nonce } = attempt.asked;
    const { reply, write } = release(this.#twin.lease, { nonce }, this.#twin.moment);
    if (write !== undefined) this.#twin.lease = write;
    const real = await this.#store.release({ ...request(this.#key), nonce });
    return differ("release", real.released, reply.released);
  }

  async #read(): Promise<string[]> {
    const real = await this.#store.read(request(this.#key));
    const twin = read(this.#twin.lease, this.#twin.now);
    return differ("read", `${real?.nodeId} ${real?.token}`, `${twin?.nodeId} ${twin?.token}`);
  }

  /** Time passes on the server by moving what is written back in time. */
  async #pass(): Promise<string[]> {
    const step = STEP * (1 + this.#random(9));
    this.#twin.now += step;
    await this.#admin.query(
      `UPDATE incumbent_elections SET ends_at = CASE ends_at WHEN 0 THEN 0 ELSE ends_at - $2 END,
         waits_until = waits_until - $2 WHERE key = $1`,
      [this.#key, step * 1000],
    );
    return [];
  }

  async #remember(): Promise<string[]> {
    const { rows } = await this.#admin.query(
      "SELECT e.*, f.token AS fence FROM incumbent_elections e JOIN incumbent_elections_fences f USING (key) WHERE key = $1",
      [this.#key],
    );
    this.#copy = [this.#twin.lease, { ...rows[0], at: this.#twin.now }];
    return [];
  }

  /** Another server goes on with what was remembered, as after a promotion or a copy put back. */
  async #forget(): Promise<string[]> {
    if (this.#copy === undefined) return [];
    const [lease, row] = this.#copy;
    const passed = (this.#twin.now - Number(row["at"])) * 1000;
    const ends = Number(row["ends_at"]);
    await this.#admin.query(
      `UPDATE incumbent_elections SET nonce = $2, node_id = $3, token = $4, since = $5, ttl = $6, ends_at = $7,
         floor = $8, waits_until = 0, run = 'another' WHERE key = $1`,
      [
        ...[this.#key, row["nonce"], row["node_id"], row["token"], row["since"], row["ttl"]],
        ...[ends === 0 ? 0 : ends - passed, row["floor"]],
      ],
    );
    await this.#admin.query("UPDATE incumbent_elections_fences SET token = $2 WHERE key = $1", [
      ...[this.#key, row["fence"]],
    ]);
    await this.#admin.query("UPDATE incumbent_elections_server SET run = 'another'");
    this.#twin.lease = lease;
    this.#twin.waitsUntil = 0;
    this.#twin.isForgetful = true;
    return [];
  }

  async #late(): Promise<string[]> {
    const notAfter = performance.now() - 1;
    const real = await this.#store.acquire(acquireRequest(this.#key, { ttl: TTL, notAfter }));
    return differ("a late acquire", real.granted || real.reason, "late");
  }

  async #fence(token: number): Promise<string[]> {
    const { rows } = await this.#admin.query(
      "SELECT token FROM incumbent_elections_fences WHERE key = $1",
      [this.#key],
    );
    return differ("the fence", Number(rows[0]?.token), token);
  }
}

function differ(what: string, real: unknown, twin: unknown): string[] {
  return real === twin ? [] : [`${what}: the server says ${real}, the rules ${twin}`];
}

/** A pool of `pg` whose connections rewrite what they send. */
function rewriting(url: string, rewrite: (text: string) => string): PgPool {
  class Client extends pg.Client {
    // What the store gives is an object with a text, and nothing else uses this class.
    override query = ((statement: { readonly text: string }) =>
      Reflect.apply(pg.Client.prototype.query, this, [
        { ...statement, text: rewrite(statement.text) },
      ])) as unknown as pg.Client["query"];
  }
  const options = { connectionString: url };
  const connect = () => Promise.reject(new Error("only its copies connect"));
  return { options, totalCount: 0, connect, ...{ Client } };
}

/** What is played. */
export interface Lives {
  readonly seeds: readonly number[];
  readonly moves: number;
  /** How long a request may take, in ms. A broken statement may decide one thing before the lock and another after it. */
  readonly patience?: number;
}

/** What differs between the server and the rules in these runs, one after the other. */
export async function differences(
  url: string,
  { seeds, moves, patience = 10_000 }: Lives,
  rewrite: (text: string) => string = (text) => text,
): Promise<string[]> {
  const store = new PostgresStore(rewriting(url, rewrite));
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    // Known for long, so that the first election of a run does not wait.
    await store.acquire(acquireRequest("first", { ttl: 1 }));
    for (const seed of seeds) {
      await admin.query(
        `UPDATE incumbent_elections_server SET since = 1,
           run = (SELECT run FROM incumbent_elections WHERE key = 'first')`,
      );
      const said = await new Run(store, admin, seed, patience).play(moves);
      if (said.length > 0) return said;
    }
    return [];
  } finally {
    await store.close();
    await admin.end();
  }
}
