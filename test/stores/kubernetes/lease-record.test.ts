import { describe, expect, test } from "vitest";
import type { LeaseObject } from "../../../src/stores/kubernetes/lease-object.ts";
import { leaseWith, recordOf } from "../../../src/stores/kubernetes/lease-record.ts";
import type { ObservedRecord } from "../../../src/stores/observed/register.ts";

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const record: ObservedRecord = {
  ...{ nonce: "0a1b", seq: 7, nodeId: "api-7", metadata: '{"url":"http://10.0.0.7"}' },
  ...{ token: 1_770_000_000_000_000, since: AT - 5000, ttl: 2500, at: AT },
};
const name = { name: "billing-scheduler", namespace: "default" };
const nothing = { token: 0, seq: 0 };

function read(lease: LeaseObject, known = nothing): ObservedRecord {
  return recordOf(lease, known, 300_000);
}

/** As client-go takes a lease: it writes back the object that it read, with these fields changed. */
function takenByClientGo(lease: LeaseObject, holderIdentity = "host_uuid"): LeaseObject {
  const transitions = (lease.spec?.leaseTransitions ?? 0) + 1;
  const time = "2026-01-02T03:04:30.000001Z";
  const spec = { holderIdentity, leaseDurationSeconds: 15, leaseTransitions: transitions };
  return { ...lease, spec: { ...spec, acquireTime: time, renewTime: time } };
}

describe("a Lease of Incumbent", () => {
  const lease = leaseWith(record, undefined, name);

  test("has the fields that client-go reads, in its format", () => {
    expect(lease).toMatchObject({
      ...{ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: name },
      spec: {
        holderIdentity: "api-7_0a1b",
        leaseDurationSeconds: 3,
        acquireTime: "2026-01-02T03:04:00.678000Z",
        renewTime: "2026-01-02T03:04:05.678000Z",
        leaseTransitions: 0,
      },
    });
  });

  test("is read back as it was written", () => {
    expect(read(lease)).toEqual(record);
    const plain = { ...record, metadata: undefined };
    expect(read(leaseWith(plain, lease, name))).toEqual(plain);
    const released = { ...record, nonce: "", seq: 8 };
    expect(read(leaseWith(released, lease, name))).toEqual(released);
  });

  test("has an identity of its attempt, so that no candidate of client-go takes it for its own", () => {
    const other = leaseWith({ ...record, nonce: "0c2d" }, undefined, name);
    expect(other.spec?.holderIdentity).not.toBe(lease.spec?.holderIdentity);
    expect(other.spec?.holderIdentity).not.toBe(record.nodeId);
  });

  test("is released as client-go does it", () => {
    const released = leaseWith({ ...record, nonce: "", seq: 8, at: AT + 3000 }, lease, name);
    expect(released.spec).toEqual({
      holderIdentity: "",
      leaseDurationSeconds: 1,
      acquireTime: "2026-01-02T03:04:08.678000Z",
      renewTime: "2026-01-02T03:04:08.678000Z",
      leaseTransitions: 0,
    });
  });

  test("counts a transition for each new holder, and none for a renewal or a release", () => {
    const counts = [lease];
    const write = (changed: Partial<ObservedRecord>) => {
      counts.push(leaseWith({ ...record, ...changed }, counts.at(-1), name));
    };
    write({ seq: 8 });
    write({ seq: 9, nonce: "" });
    write({ seq: 10, nonce: "0c2d" });
    expect(counts.map(({ spec }) => spec?.leaseTransitions)).toEqual([0, 0, 0, 1]);
    const full = { ...lease, spec: { ...lease.spec, leaseTransitions: 2 ** 31 - 1 } };
    const next = leaseWith({ ...record, nonce: "0c2d" }, full, name);
    expect(next.spec?.leaseTransitions).toBe(2 ** 31 - 1);
  });

  test("moves renewTime into a later second with each write, also in the same ms", () => {
    const again = leaseWith({ ...record, seq: 8 }, lease, name);
    expect(again.spec?.renewTime).toBe("2026-01-02T03:04:06.000000Z");
    const third = leaseWith({ ...record, seq: 9, at: AT - 60_000 }, again, name);
    expect(third.spec?.renewTime).toBe("2026-01-02T03:04:07.000000Z");
  });

  test("keeps what it does not know, in all its parts", () => {
    const labels = { team: "billing" };
    const annotations = { ...lease.metadata.annotations, "example.com/note": "kept" };
    const found = {
      ...lease,
      metadata: { ...lease.metadata, labels, annotations, uid: "u", resourceVersion: "5" },
      spec: { ...lease.spec, preferredHolder: "somebody" },
      future: { field: 1 },
    };
    const written = leaseWith({ ...record, seq: 8, metadata: undefined }, found, name);
    expect(written).toMatchObject({
      metadata: { labels, uid: "u", resourceVersion: "5" },
      spec: { preferredHolder: "somebody" },
      future: { field: 1 },
    });
    expect(written.metadata.annotations).toMatchObject({ "example.com/note": "kept" });
    expect(written.metadata.annotations).not.toHaveProperty("incumbent.dev/metadata");
  });
});

describe("a Lease of another candidate", () => {
  const ours = leaseWith(record, undefined, name);

  test("has its holder, its duration, and the last token of Incumbent", () => {
    expect(read(takenByClientGo(ours))).toEqual({
      ...{ nonce: "foreign host_uuid", nodeId: "host_uuid", metadata: undefined },
      ...{ token: record.token, seq: record.seq, ttl: 15_000 },
      ...{ since: Date.UTC(2026, 0, 2, 3, 4, 30), at: Date.UTC(2026, 0, 2, 3, 4, 30) },
    });
  });

  test("that was made anew has no smaller token than is known", () => {
    const anew = takenByClientGo({ metadata: name });
    expect(read(anew, { token: 9, seq: 3 })).toMatchObject({ token: 9, seq: 3 });
    expect(read(anew)).toMatchObject({ token: 0, seq: 0 });
  });

  test("is believed for at most the longest foreign ttl", () => {
    const lease = takenByClientGo(ours);
    const lasting = (leaseDurationSeconds: number | null) =>
      read({ ...lease, spec: { ...lease.spec, leaseDurationSeconds } }).ttl;
    expect(lasting(2 ** 31 - 1)).toBe(300_000);
    expect(lasting(null)).toBe(300_000);
    expect(lasting(0)).toBe(0);
    expect(lasting(-5)).toBe(0);
  });

  test("that it gave back is free, and keeps the token", () => {
    const lease = takenByClientGo(ours, "");
    expect(read(lease)).toMatchObject({ nonce: "", token: record.token, seq: record.seq });
    expect(read({ metadata: name })).toMatchObject({ nonce: "", token: 0, seq: 0, ttl: 0 });
  });

  test("has times that cannot be read", () => {
    const spec = { holderIdentity: "x", leaseDurationSeconds: 15, renewTime: "yesterday" };
    expect(read({ metadata: name, spec })).toMatchObject({ at: 0, since: 0 });
  });
});

describe("a Lease that is refused", () => {
  test("has a strategy: the control plane decides who holds it", () => {
    const spec = { holderIdentity: "x", strategy: "OldestEmulationVersion" };
    const refused = expect.objectContaining({ code: "INCUMBENT_KEY_OCCUPIED" });
    expect(() => read({ metadata: name, spec })).toThrow(refused);
    expect(() => read({ metadata: name, spec })).toThrow(/"OldestEmulationVersion"/);
  });

  test("was written by a later version", () => {
    const lease = leaseWith(record, undefined, name);
    const annotations = { ...lease.metadata.annotations, "incumbent.dev/format": "2" };
    const later = { ...lease, metadata: { ...lease.metadata, annotations } };
    expect(() => read(later)).toThrow(/"billing-scheduler" was written by a later version/);
  });

  test("has annotations that were changed by hand", () => {
    const lease = leaseWith(record, undefined, name);
    const annotations = { ...lease.metadata.annotations, "incumbent.dev/token": "-1" };
    const changed = { ...lease, metadata: { ...lease.metadata, annotations } };
    expect(() => read(changed)).toThrow(/did not write/);
  });
});
