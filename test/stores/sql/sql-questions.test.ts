import { beforeEach, describe, expect, test } from "vitest";
import { Asked } from "../../../src/stores/connections/asked-request.ts";
import { postgresKind } from "../../../src/stores/postgres/postgres-errors.ts";
import { KnownServer } from "../../../src/stores/sql/known-server.ts";
import { sqlQuestions, wishOf } from "../../../src/stores/sql/sql-questions.ts";
import type { SqlHolder } from "../../../src/stores/sql/sql-request.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";

const clock = { now: () => 500 };
const unguarded = { restartGuard: true, quarantine: undefined };
const fields = { clock, nonce: "n", nodeId: "api-7", ttl: 1000.5, notAfter: 800 };

let server: KnownServer;

beforeEach(() => {
  server = new KnownServer();
  server.heard({ run: "a", now: 9_000_000 }, clock);
});

describe("what a server is asked", () => {
  test("for a lease, has times in µs, and the not-after on the server's clock", () => {
    const asked = acquireRequest("job", { ...fields, metadata: "here", above: 6 });
    expect(wishOf(new Asked(postgresKind, sqlQuestions.acquire(asked)), server, unguarded)).toEqual(
      {
        ...{ key: "job", nonce: "n", node_id: "api-7", metadata: "here", ttl: 1_000_500 },
        ...{ token: 6, last: 9_300_000, quarantine: 1_000_500 },
      },
    );
  });

  test("for a renewal, has the token of the term, and stands for others of its nonce", () => {
    const question = sqlQuestions.renew(renewRequest(acquireRequest("job", fields), 7, fields));
    const asked = new Asked(postgresKind, question);
    expect([asked.name, asked.renews]).toEqual(["renew", "n"]);
    expect(wishOf(asked, server, unguarded)).toMatchObject({ nonce: "n", token: 7 });
  });

  test("for a release, has the nonce alone, and for a read nothing but the key", () => {
    const release = sqlQuestions.release(acquireRequest("job", fields));
    expect([release.name, release.fields, release.renews]).toEqual(["release", ["n"], undefined]);
    const read = new Asked(postgresKind, sqlQuestions.read(request("job", { clock })));
    expect([read.name, read.fields]).toEqual(["read", []]);
    expect(wishOf(read, server, unguarded)).toMatchObject({
      ...{ key: "job", nonce: "", node_id: "", metadata: "", ttl: 0, token: 0, quarantine: 0 },
    });
  });

  test("has the longer of the quarantine and the ttl", () => {
    const asked = new Asked(postgresKind, sqlQuestions.acquire(acquireRequest("job", fields)));
    const wish = (quarantine: number) => wishOf(asked, server, { restartGuard: true, quarantine });
    expect(wish(5000).quarantine).toBe(5_000_000);
    expect(wish(10).quarantine).toBe(1_000_500);
  });

  test.each([
    [undefined, ""],
    ["", '""'],
    ["eu-1", "eu-1"],
    ["\0", '"\\u0000"'],
  ])("stores the metadata %j as %j", (metadata, stored) => {
    const question = sqlQuestions.acquire(acquireRequest("job", { ...fields, metadata }));
    expect(question.fields[2]).toBe(stored);
  });
});

const holder: SqlHolder = {
  ...{ node: '"api\\u0000"', token: 7, since: 1_770_000_000_000_900 },
  ...{ left: 1500, ttl: 2500, metadata: "" },
};
const leader = {
  ...{ nodeId: "api\0", token: 7, since: 1_770_000_000_000 },
  ...{ expiresIn: 1.5, ttl: 2.5, metadata: undefined },
};

describe("what a reply says", () => {
  const acquire = sqlQuestions.acquire(acquireRequest("job", fields));
  const renew = sqlQuestions.renew(renewRequest(acquireRequest("job", fields), 7, fields));

  test("of a grant is the token, and the start of the term in ms", () => {
    const reply = { status: "granted", token: 7, since: 1_770_000_000_000_900 } as const;
    expect(acquire.parse(reply)).toEqual({ granted: true, token: 7, since: 1_770_000_000_000 });
  });

  test("of a refusal is the leader, and when to return", () => {
    expect(acquire.parse({ status: "held", holder })).toEqual({
      ...{ granted: false, reason: "held", leader, retryIn: 1.5, applied: "no" },
    });
    expect(acquire.parse({ status: "held", holder, own: true })).toMatchObject({
      applied: "maybe",
    });
    expect(acquire.parse({ status: "late", holder: null })).toEqual({
      ...{ granted: false, reason: "late", leader: undefined, retryIn: undefined, applied: "no" },
    });
    expect(acquire.parse({ status: "quarantine", waits: 2500 })).toMatchObject({
      ...{ reason: "quarantine", retryIn: 2.5 },
    });
  });

  test("that makes no sense is an error", () => {
    expect(() => acquire.parse({ status: "renewed" })).toThrow("no answer to acquire: renewed");
  });

  test("of a renewal is whether the lease goes on, and if not, why", () => {
    expect(renew.parse({ status: "renewed" })).toEqual({ renewed: true });
    expect(renew.parse({ status: "late" })).toEqual({ renewed: false, reason: "late" });
    expect(renew.parse({ status: "none" })).toEqual({ renewed: false, reason: "superseded" });
  });

  test("of a release is whether there was a lease, and of a read who leads", () => {
    const release = sqlQuestions.release(acquireRequest("job", fields));
    expect(release.parse({ status: "released" })).toEqual({ released: true });
    expect(release.parse({ status: "none" })).toEqual({ released: false });
    const read = sqlQuestions.read(request("job", { clock }));
    expect(read.parse({ status: "leader", holder })).toEqual(leader);
    expect(read.parse({ status: "leader", holder: { ...holder, metadata: '""' } })).toMatchObject({
      metadata: "",
    });
    expect(read.parse({ status: "none" })).toBeUndefined();
    expect(read.parse({ status: "none", holder: null })).toBeUndefined();
  });
});
