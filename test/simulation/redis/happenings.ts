import * as fc from "fast-check";

// What may happen to a server, from small sets of values, so that they often meet. Times in µs.

/** That of the lease that stands there, or one of a few. */
const nonce = fc.constantFrom("holder" as const, "x" as const, "y" as const);

const leaseRequest = fc.record({
  type: fc.constantFrom("acquire" as const, "acquire" as const, "renew" as const),
  key: fc.nat(2),
  nonce,
  node: fc.nat(1),
  ttl: fc.constantFrom(1000, 2000, 5000),
  /** From now. */
  notAfter: often(1000, 0, 1, 1_000_000, -1, -1000),
  /** The token or `above`: from the stored token, from the clock, or from 0. */
  from: fc.constantFrom("token" as const, "clock" as const, "zero" as const),
  by: fc.constantFrom(-1, 0, 1, 1500, -1500),
  /** Asked as one of several servers: for the token that is proposed, or to join. */
  several: fc.boolean(),
});

const ofKey = <Type extends string>(type: Type) =>
  fc.record({ type: fc.constant(type), key: fc.nat(2) });

const release = fc.record({
  type: fc.constant("release" as const),
  key: fc.nat(2),
  nonce,
  quiet: often(false, true),
});

const prolong = fc.record({
  type: fc.constant("prolong" as const),
  key: fc.nat(2),
  nonce: often("holder" as const, "x" as const),
  ttl: fc.constantFrom(1000, 2000, 5000),
  /** From now. */
  notAfter: often(1000, 0, -1),
});

const request = fc.oneof(
  { weight: 30, arbitrary: leaseRequest },
  { weight: 7, arbitrary: release },
  { weight: 7, arbitrary: prolong },
  { weight: 4, arbitrary: ofKey("read") },
  { weight: 1, arbitrary: ofKey("introduce") },
);

/** One call of the script: most have one request, some have several. */
const call = fc.record({
  type: fc.constant("call" as const),
  requests: fc.oneof(
    { weight: 3, arbitrary: fc.array(request, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(request, { minLength: 2, maxLength: 5 }) },
    { weight: 1, arbitrary: fc.array(prolong, { minLength: 2, maxLength: 5 }) },
  ),
  quarantine: fc.constantFrom(0, 1000, 2000, 6000),
  run: often("right" as const, "earlier" as const, "none" as const),
  guarded: often(true, false),
  /** Whether the stamp's key is named; not in Cluster. */
  stamped: often(true, false),
  /** How long ago the caller heard from another server. */
  elsewhere: often(undefined, 0, 500, 1000, 5000, 1_000_000, 1e15),
  since7: fc.boolean(),
  /** Whether the text is sent although its digest would do. */
  text: often(false, true),
});

export type ScriptedCall = typeof call extends fc.Arbitrary<infer T> ? T : never;

export type ScriptedRequest = ScriptedCall["requests"][number];

const tick = fc.record({
  type: fc.constant("tick" as const),
  by: fc.constantFrom(1, 1, 499, 500, 1000, 1000, 1001, 3000, 7000, 20_000, -1, -1000, -5000, -1e6),
});

export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const happening = fc.oneof(
  { weight: 400, arbitrary: call },
  { weight: 70, arbitrary: tick },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("restart" as const),
      memory: fc.constantFrom("kept" as const, "lost" as const, "older" as const),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("become" as const),
      memory: fc.constantFrom("kept" as const, "kept" as const, "lost" as const, "older" as const),
      run: fc.nat(1),
      data: fc.nat(1),
    }),
  },
  { weight: 5, arbitrary: fc.constant({ type: "snapshot" as const }) },
  { weight: 5, arbitrary: fc.constant({ type: "flush" as const }) },
  { weight: 1, arbitrary: fc.constant({ type: "forget-scripts" as const }) },
  { weight: 20, arbitrary: ofKey("delete") },
  { weight: 5, arbitrary: fc.constant({ type: "delete-stamp" as const }) },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("redlock" as const),
      key: fc.nat(2),
      /** In ms. */
      expiry: fc.constantFrom(undefined, 1, 3, 3, 10),
    }),
  },
  { weight: 5, arbitrary: ofKey("list") },
  { weight: 5, arbitrary: ofKey("foreign-hash") },
  { weight: 5, arbitrary: fc.constant({ type: "stamp-of-another-type" as const }) },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant("evicts" as const), evicts: fc.boolean() }),
  },
);

/** A server, and up to 200 things that happen to it one after the other. */
export const histories = fc.record({
  mode: often("standalone" as const, "cluster" as const),
  happenings: fc.array(happening, { minLength: 1, maxLength: 200, size: "max" }),
});

export type History = typeof histories extends fc.Arbitrary<infer T> ? T : never;

function often<Usual, Rare>(usual: Usual, ...rare: readonly Rare[]) {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...rare) },
  );
}
