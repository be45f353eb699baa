/** Every mutant that survives, and why it may, as in core.mjs. */
export const survivors = [
  {
    file: "testing/test-election.ts",
    line: "this.#nonces += 1;",
    becomes: ["this.#nonces -= 1"],
    why: "the nonces have to differ, and do so below zero as well.",
  },
  {
    file: "testing/test-election.ts",
    line: "if (untilNext === undefined || this.clock.now() + untilNext > giveUpAt) return false;",
    becomes: ["false"],
    why: "for the types; an elector that is waited for has a timer.",
  },
  {
    file: "testing/test-election.ts",
    line: "if (untilNext === undefined || this.clock.now() + untilNext > giveUpAt) return false;",
    becomes: ["this.clock.now() + untilNext >= giveUpAt"],
    why: "nothing that is waited for happens just at the end of the longest wait.",
  },
  {
    file: "testing/test-store.ts",
    line: "if (!isFree && !(isChosen && lease?.nonce === rival.nonce)) {",
    becomes: ["lease.nonce"],
    why: "for the types; one that is not free is a lease.",
  },
  {
    file: "testing/test-store.ts",
    line: "return read(this.#leases.get(key), this.#clock.now())?.expiresIn ?? 0;",
    becomes: ["read(this.#leases.get(key), this.#clock.now()).expiresIn"],
    why: "for the types; it is asked of the lease of an elector that leads.",
  },
  {
    file: "testing/test-store.ts",
    line: "if (isChosen) this.forget(key);",
    becomes: ["true"],
    why: "a free lease goes to an elector that was not chosen only if it is faster than one that was just chosen.",
  },
  {
    file: "testing/test-store.ts",
    line: 'if (!reply.granted || write === undefined) throw new Error("a lease that is free was refused");',
    becomes: ["false", "!reply.granted && write === undefined", '""'],
    why: "for the types; it would be a mistake of our own, and there is none known.",
  },
];
