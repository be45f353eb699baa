import * as fc from "fast-check";

/** What a callback does when it is told. */
export type Reaction =
  | { readonly does: "nothing" | "throws" | "rejects" | "stops" | "resigns" | "starts" | "lasts" }
  | { readonly does: "leads" | "waits" | "registers" | "unregisters itself" }
  | { readonly does: "unregisters" | "aborts"; readonly which: number }
  /** Keeps the event loop for so long. */
  | { readonly does: "blocks"; readonly ms: number };

export interface CallbackPlan {
  readonly gain: Reaction;
  readonly loss: Reaction;
}

/** What work given to `lead` does. */
export type WorkPlan = "ends" | "fails" | "throws" | "heeds its signal" | "hangs";

/** A call of `lead`, for so long if there is a time. */
export interface LeadMove {
  readonly does: "lead";
  readonly signal: boolean;
  readonly work: WorkPlan;
  readonly wait: number | undefined;
}

/** One thing that a user, time or the store does. Numbers choose among what there is. */
export type Move =
  | { readonly does: "start" | "wait" | "await answer" | "observe"; readonly signal: boolean }
  | LeadMove
  | { readonly does: "stop" | "resign" | "read" | "hint" }
  | { readonly does: "abort" | "unregister" | "settle work"; readonly which: number }
  | { readonly does: "register"; readonly callback: CallbackPlan }
  | { readonly does: "pass" | "block"; readonly ms: number };

/** How the store answers one request, and when. */
export interface Answer {
  readonly does: "agrees" | "refuses" | "is late" | "fails" | "perhaps fails" | "throws" | "hangs";
  readonly after: number;
}

export interface Sequence {
  readonly moves: readonly Move[];
  /** To one request after the other, and from the beginning again. */
  readonly answers: readonly Answer[];
}

const which = fc.nat({ max: 7 });
/** Often to the moment: 900 ms is how long a lease is trusted, 300 when it is renewed. */
const long = fc.oneof(fc.constantFrom(300, 600, 899, 900), fc.nat({ max: 1500 }));
const signal = fc.boolean();

const simple = (...names: [Reaction["does"], ...Reaction["does"][]]) =>
  fc.constantFrom(...names.map((does) => ({ does }) as Reaction)); // Those that need no more.

const reaction: fc.Arbitrary<Reaction> = fc.oneof(
  { weight: 6, arbitrary: simple("nothing") },
  { weight: 4, arbitrary: simple("throws", "rejects", "stops", "resigns", "starts", "leads") },
  { weight: 3, arbitrary: simple("lasts", "waits", "registers", "unregisters itself") },
  fc.record({ does: fc.constantFrom("unregisters" as const, "aborts" as const), which }),
  fc.record({ does: fc.constant("blocks" as const), ms: long }),
);

const callback = fc.record({ gain: reaction, loss: reaction });
const work = fc.constantFrom<WorkPlan>("ends", "fails", "throws", "heeds its signal", "hangs");
const wait = fc.oneof(fc.constantFrom(undefined, 0), fc.nat({ max: 1500 }));

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant("start" as const), signal }) },
  fc.record({ does: fc.constantFrom("wait", "await answer", "observe"), signal }),
  { weight: 2, arbitrary: fc.record({ does: fc.constant("lead" as const), signal, work, wait }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constantFrom("stop" as const, "resign" as const) }),
  },
  fc.record({ does: fc.constantFrom("read" as const, "hint" as const) }),
  fc.record({ does: fc.constantFrom("abort", "unregister", "settle work"), which }),
  { weight: 2, arbitrary: fc.record({ does: fc.constant("register" as const), callback }) },
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant("pass" as const), ms: fc.nat({ max: 700 }) }),
  },
  fc.record({ does: fc.constant("block" as const), ms: long }),
);

const answer: fc.Arbitrary<Answer> = fc.record({
  does: fc.oneof(
    { weight: 6, arbitrary: fc.constant("agrees" as const) },
    fc.constantFrom<Answer["does"]>("refuses", "is late", "fails", "perhaps fails"),
    fc.constantFrom<Answer["does"]>("throws", "hangs"),
  ),
  after: fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 5 }) }, fc.nat({ max: 2000 })),
});

export const sequences: fc.Arbitrary<Sequence> = fc.record({
  moves: fc.array(move, { minLength: 1, maxLength: 25, size: "max" }),
  answers: fc.array(answer, { minLength: 1, maxLength: 8, size: "max" }),
});
