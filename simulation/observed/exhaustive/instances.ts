import { type Instance, instance } from "./instance.ts";

/** Explored to the end. The small ones take a second. */
export const instances: {
  readonly small: readonly Instance[];
  readonly large: readonly Instance[];
} = {
  small: [
    instance("nothing but late and lost messages", {}),
    instance("a register that is set back to nothing", { rollbacks: 1 }, { isFounded: false }),
  ],
  large: [
    instance("a write that arrives twice", { repetitions: 1 }),
    instance("a renewal", { renewals: 1 }),
    instance("a release", { releases: 1 }, { ticks: 2 }),
    instance(
      "a stale read, and a candidate that comes later",
      { staleReads: 1 },
      { latecomer: true },
    ),
    instance("a register that is set back", { rollbacks: 1 }),
  ],
};
