import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OpenDriver } from "../../../src/stores/connections/driver.ts";
import type { Timer } from "../../../src/stores/connections/timer.ts";
import { MysqlBell } from "../../../src/stores/mysql/mysql-bell.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const LOCK = /GET_LOCK/;

/** A server that gives and keeps one lock, as a test says, and what it was asked. */
class Server {
  readonly asked: { readonly at: number; readonly sql: string }[] = [];
  /** Whether another process has the lock. */
  isTaken = false;
  refuses = false;
  lost: () => void = () => {};
  readonly #clock: ManualClock;
  /** Gives the lock to the one that waits. */
  give: () => void = () => {};

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  readonly open: OpenDriver<string> = ({ lost }) => {
    this.lost = lost;
    return {
      connect: async () => {
        this.asked.push({ at: this.#clock.now(), sql: "connect" });
        if (this.refuses) throw new Error("refused");
      },
      send: (sql) => this.#answer(sql),
      end: () => {
        this.asked.push({ at: this.#clock.now(), sql: "end" });
        lost();
      },
    };
  };

  /** When it was asked for this. */
  times(sql: RegExp): number[] {
    return this.asked.filter((each) => sql.test(each.sql)).map(({ at }) => at);
  }

  #answer(sql: string): Promise<unknown> {
    this.asked.push({ at: this.#clock.now(), sql });
    const reply = { rows: [{ taken: "1" }], affected: 0, insertId: 0 };
    if (!LOCK.test(sql) || !this.isTaken) return Promise.resolve(reply);
    if (sql.includes(", 0)")) return Promise.resolve({ ...reply, rows: [{ taken: "0" }] });
    return new Promise((resolve) => {
      this.give = () => resolve(reply);
    });
  }
}

let clock: ManualClock;
let server: Server;
let bell: MysqlBell;
let rings: number[];

beforeEach(() => {
  clock = new ManualClock();
  server = new Server(clock);
  rings = [];
});
afterEach(() => bell.close());

function hang(): void {
  const timer: Timer = (ms, fire) => clock.timer(clock.now() + ms, fire);
  const settings = { open: server.open, timer, now: () => clock.now() };
  bell = new MysqlBell(settings, "'name'", () => rings.push(clock.now()));
}

describe("a bell", () => {
  test("that no process holds does not ring, and is asked for less and less often", async () => {
    hang();
    await clock.advance(120_000);
    const times = server.times(LOCK);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(pauses.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(pauses.at(-1)).toBe(30_000);
    expect(rings).toEqual([]);
  });

  test("that another process has held rings, and is asked for again after a short pause", async () => {
    server.isTaken = true;
    hang();
    await clock.advance(5000);
    expect(rings).toEqual([]);
    server.give();
    await clock.advance(1000);
    expect(rings).toEqual([5000]);
    expect(server.times(/RELEASE_LOCK/)).toEqual([5000]);
    // Each time without waiting at first: a free one does not ring.
    expect(server.times(/GET_LOCK\('name', 0\)/)).toEqual([0, 5250]);
    expect(server.times(/GET_LOCK\('name', 15\)/)).toEqual([0, 5250]);
  });

  test("that is taken by the one who waits for it is kept if its process leads by then", async () => {
    server.isTaken = true;
    hang();
    await clock.advance(1000);
    bell.leads(60_000);
    server.give();
    await clock.advance(10_000);
    expect(server.times(/RELEASE_LOCK/)).toEqual([]);
    bell.leads(0);
    await clock.advance(0);
    expect(server.times(/RELEASE_LOCK/)).toEqual([11_000]);
    expect(rings).toEqual([]);
  });

  test("is taken at once by a process that is elected during its pause", async () => {
    hang();
    await clock.advance(100);
    bell.leads(60_000);
    await clock.advance(0);
    expect(server.times(LOCK)).toEqual([0, 100]);
    expect(server.times(/RELEASE_LOCK/)).toEqual([0]);
  });

  test("is kept as long as the lease is renewed, and freed when it ends", async () => {
    hang();
    bell.leads(10_000);
    await clock.advance(8000);
    bell.leads(10_000);
    await clock.advance(9999);
    expect(server.times(/RELEASE_LOCK/)).toEqual([]);
    await clock.advance(1);
    expect(server.times(/RELEASE_LOCK/)).toEqual([18_000]);
  });

  test("is held on a connection that shows every 15 s that it lives", async () => {
    hang();
    bell.leads(60_000);
    await clock.advance(59_000);
    expect(server.times(/DO 0/)).toEqual([15_000, 30_000, 45_000]);
    expect(server.times(/wait_timeout = 120/)).toEqual([0]);
  });

  test("is taken on a new connection when that of the leader is lost", async () => {
    hang();
    bell.leads(60_000);
    await clock.advance(1000);
    server.lost();
    await clock.advance(5000);
    expect(server.times(/connect/)).toHaveLength(2);
    expect(server.times(LOCK)).toHaveLength(2);
    expect(server.times(/RELEASE_LOCK/)).toEqual([]);
  });

  test("tries to connect to a server that refuses it less and less often", async () => {
    server.refuses = true;
    hang();
    await clock.advance(120_000);
    const times = server.times(/connect/);
    expect(times.slice(0, 4)).toEqual([0, 500, 1500, 3500]);
    expect(times.length).toBeLessThan(12);
    expect(server.times(/end/)).toHaveLength(times.length);
  });

  test("asks nothing more after close(), and ends its connection", async () => {
    server.isTaken = true;
    hang();
    await clock.advance(1000);
    bell.close();
    const { length } = server.asked;
    await clock.advance(100_000);
    expect(server.asked.slice(length - 1)).toEqual([
      { at: 1000, sql: "end" },
      { at: 1000, sql: "end" },
    ]);
    expect(clock.armed).toBe(0);
  });
});
