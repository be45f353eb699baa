import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acquire, read, release, renew, type StoredLease } from "../../src/stores/lease-rules.ts";

const wall = 1_790_000_000_000;
const wish = { nonce: "mine", nodeId: "me", metadata: undefined, ttl: 1000, above: 0, token: 7 };

function lease(fields: Partial<StoredLease> = {}): StoredLease {
  const holder = { nonce: "mine", nodeId: "me", metadata: "m", token: 7, since: wall };
  return { ...holder, ttl: 1000, expiresAt: 1500, ...fields };
}

describe("acquire", () => {
  test("grants a lease that no attempt ever had", () => {
    const { reply, write, hint } = acquire(undefined, wish, { now: 500, wall });
    expect(reply).toEqual({ granted: true, token: wall * 1000, since: wall });
    expect(write).toEqual(lease({ metadata: undefined, token: wall * 1000 }));
    expect(hint).toBe("changed");
  });

  test.each([
    ["another's", "no"],
    ["mine", "maybe"],
  ] as const)(
    "is refused while a lease lives, of %s attempt, which it may then have: %s",
    (nonce, applied) => {
      const { reply, write, hint } = acquire(lease({ nonce }), wish, { now: 1499, wall });
      const leader = {
        nodeId: "me",
        token: 7,
        since: wall,
        expiresIn: 1,
        metadata: "m",
        ttl: 1000,
      };
      expect(reply).toEqual({ granted: false, reason: "held", leader, retryIn: 1, applied });
      expect({ write, hint }).toEqual({});
    },
  );

  test("is granted at the very moment a lease ends", () => {
    expect(acquire(lease(), wish, { now: 1500, wall }).reply).toMatchObject({ granted: true });
  });

  test("gives tokens above the last one, above what the candidate saw, and not behind the wall clock", () => {
    const number = fc.integer({ min: 0, max: 2 ** 51 });
    const time = fc.integer({ min: 0, max: 2 ** 41 });
    fc.assert(
      fc.property(number, number, time, (token, above, now) => {
        const { reply } = acquire(lease({ token }), { ...wish, above }, { now: 9000, wall: now });
        if (!reply.granted) throw new Error("refused");
        expect(reply.token).toBeGreaterThan(token);
        expect(reply.token).toBeGreaterThan(above);
        expect(reply.token).toBeGreaterThanOrEqual(now * 1000);
      }),
    );
  });

  test("keeps a lease for one ttl and no longer after the clock was set back", () => {
    const stuck = lease({ nonce: "other", expiresAt: 3_600_000 });
    const first = acquire(stuck, wish, { now: 0, wall });
    expect(first.reply).toMatchObject({ granted: false, retryIn: 1000 });
    expect(first.write).toEqual({ ...stuck, expiresAt: 1000 });
    const second = acquire(first.write, wish, { now: 999, wall });
    expect(second.reply).toMatchObject({ granted: false, retryIn: 1 });
    expect(second.write).toBeUndefined();
    expect(acquire(first.write, wish, { now: 1000, wall }).reply.granted).toBe(true);
  });

  test("does not take the slack between two clocks for one that was set back", () => {
    const fresh = lease({ expiresAt: 1020 });
    const { reply, write } = acquire(fresh, wish, { now: 0, wall, slack: 20 });
    expect(reply).toMatchObject({ granted: false, retryIn: 1000 });
    expect(write).toBeUndefined();
  });
});

describe("renew", () => {
  test("prolongs the lease of its nonce to one ttl from now", () => {
    const { reply, write, hint } = renew(lease(), { ...wish, metadata: "m" }, { now: 1499, wall });
    expect(reply).toEqual({ renewed: true });
    expect(write).toEqual(lease({ expiresAt: 2499 }));
    expect(hint).toBeUndefined();
  });

  test("reports another nodeId", () => {
    const { write, hint } = renew(
      lease(),
      { ...wish, metadata: "m", nodeId: "new" },
      { now: 1000, wall },
    );
    expect(write?.nodeId).toBe("new");
    expect(hint).toBe("changed");
  });

  test("reports new metadata", () => {
    const { write, hint } = renew(lease(), { ...wish, metadata: "new" }, { now: 1000, wall });
    expect(write).toMatchObject({ metadata: "new", token: 7 });
    expect(hint).toBe("changed");
  });

  test.each([
    ["of another nonce", lease({ nonce: "other" }), 1000],
    ["that has ended, even if no other attempt took it", lease(), 1500],
    ["that was released", lease({ nonce: "" }), 1000],
    ["that no attempt has", undefined, 1000],
  ])("never revives a lease %s", (_case, stored, now) => {
    const reply = { renewed: false, reason: "superseded" };
    expect(renew(stored, wish, { now, wall })).toEqual({ reply });
    expect(renew(stored, { ...wish, nonce: "" }, { now, wall })).toEqual({ reply });
  });
});

describe("release", () => {
  test("ends the lease of its nonce and keeps the token", () => {
    const { reply, write, hint } = release(lease(), wish, { now: 1200, wall });
    expect(reply).toEqual({ released: true });
    expect(write).toEqual(lease({ nonce: "", expiresAt: 1200 }));
    expect(hint).toBe("released");
    expect(acquire(write, wish, { now: 1200, wall: 0 }).reply).toMatchObject({ token: 8 });
  });

  test.each([
    ["of another nonce", lease({ nonce: "other" }), 1000],
    ["that has ended", lease(), 1500],
    ["that no attempt has", undefined, 1000],
  ])("leaves a lease %s alone", (_case, stored, now) => {
    expect(release(stored, wish, { now, wall })).toEqual({ reply: { released: false } });
  });
});

describe("read", () => {
  test("shows a live lease without its nonce, and no other", () => {
    const leader = {
      nodeId: "me",
      token: 7,
      since: wall,
      expiresIn: 500,
      metadata: "m",
      ttl: 1000,
    };
    expect(read(lease(), 1000)).toEqual(leader);
    expect(read(lease(), 1500)).toBeUndefined();
    expect(read(lease({ nonce: "" }), 1000)).toBeUndefined();
    expect(read(undefined, 1000)).toBeUndefined();
  });
});

describe("any sequence of requests", () => {
  const requests = fc.array(
    fc.record({
      type: fc.constantFrom("acquire", "acquire", "renew", "release"),
      who: fc.integer({ min: 0, max: 3 }),
      ttl: fc.integer({ min: 1, max: 50 }),
      passes: fc.integer({ min: 0, max: 30 }),
      wall: fc.integer({ min: -100, max: 100 }),
    }),
    { maxLength: 60 },
  );

  test("gives the lease to one attempt at a time, for the time it was given, with growing tokens", () => {
    fc.assert(
      fc.property(requests, (sequence) => {
        let stored: StoredLease | undefined;
        // What the holder was promised: its end is the model that the rules are held against.
        let held: { nonce: string; until: number } | undefined;
        let token = 0;
        let now = 0;
        for (const [step, { type, who, ttl, passes, wall: jump }] of sequence.entries()) {
          now += passes;
          const moment = { now, wall: 1000 + jump };
          const live = held !== undefined && now < held.until ? held : undefined;
          if (type === "acquire") {
            const nonce = `${who}-${step}`;
            const decision = acquire(stored, { ...wish, nonce, ttl }, moment);
            expect(decision.reply.granted).toBe(live === undefined);
            stored = decision.write ?? stored;
            if (!decision.reply.granted) continue;
            expect(decision.reply.token).toBeGreaterThan(token);
            token = decision.reply.token;
            held = { nonce, until: now + ttl };
            continue;
          }
          const mine = who > 0 && held !== undefined;
          const nonce = mine && held !== undefined ? held.nonce : `${who}-never`;
          const decision =
            type === "renew"
              ? renew(stored, { ...wish, nonce, ttl }, moment)
              : release(stored, { nonce }, moment);
          const expected = mine && live !== undefined;
          expect(decision.write !== undefined).toBe(expected);
          stored = decision.write ?? stored;
          if (expected) held = type === "renew" ? { nonce, until: now + ttl } : undefined;
        }
      }),
    );
  });
});
