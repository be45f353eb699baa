/** Every mutant that survives, and why it may, as in core.mjs. */
export const survivors = [
  {
    file: "stores/observed/observed-election.ts",
    line: "#view: View<C> = { sighting: undefined, gap: undefined };",
    becomes: ["{}"],
    why: "for the types; both are `undefined` without being named.",
  },
  {
    file: "stores/observed/observed-election.ts",
    line: "this.interruptions += 1;",
    becomes: ["this.interruptions -= 1"],
    why: "all that is asked is whether it is the same number as before.",
  },
  {
    file: "stores/observed/observed-election.ts",
    line: 'this.#view = { ...this.#view, gap: this.#view.gap ?? "absent" };',
    becomes: ['""'],
    why: "any text will do that is not `interrupted`.",
  },
  {
    file: "stores/observed/observed-rules.ts",
    line: "if (record !== undefined && leftOf(sighting, moment.now) > 0) {",
    becomes: ["true"],
    why: "for the types; of no record there is nothing left.",
  },
  {
    file: "stores/observed/observed-rules.ts",
    line: "if (!isGuarded || from === undefined) return 0;",
    becomes: ["false"],
    why: "for the types; no wait is made of `undefined`.",
  },
  {
    file: "stores/observed/observed-rules.ts",
    line: "if (record === undefined || leftOf(sighting, moment.now) <= 0) return undefined;",
    becomes: ["false"],
    why: "for the types; of no record there is nothing left.",
  },
  {
    file: "stores/observed/observed-rules.ts",
    line: "const isDated = !sighting.isFresh && dated > 0 && dated < seen;",
    becomes: ["dated <= seen"],
    why: "then both are the same time.",
  },
  {
    file: "stores/observed/observed-store.ts",
    line: "#isOpen = true;",
    becomes: ["false"],
    why: "opens a store that has no elections yet.",
  },
  {
    file: "stores/observed/observed-store.ts",
    line: "if (!this.#isOpen) {",
    becomes: ["true"],
    why: "listens to what is listened to, which does nothing.",
  },
  {
    file: "stores/observed/observed-store.ts",
    line: "this.#isOpen = true;",
    becomes: ["false"],
    why: "listens to what is listened to, which does nothing.",
  },
  {
    file: "stores/observed/observed-store.ts",
    line: "if (record === undefined || !(isOwn || (isFree && doubt !== undefined))) break;",
    becomes: ["false"],
    why: "for the types; no record is neither its own nor free.",
  },
  {
    file: "stores/observed/observed-store.ts",
    line: "if (cell?.record?.nonce === request.nonce) throw contended();",
    becomes: ["cell.record"],
    why: "for the types; it has looked once at least.",
  },
  {
    file: "stores/observed/observed-watch.ts",
    line: "return register.watch?.(key, listener);",
    becomes: ["register.watch(key, listener)"],
    why: "for the types; it is called only if the register can watch.",
  },
  {
    file: "stores/observed/sighting.ts",
    line: "const isKnown = { isSequel: false, isFresh: false };",
    becomes: ["{}"],
    why: "`undefined` is as little a yes.",
  },
  {
    file: "stores/observed/sighting.ts",
    line: "return record.token === than.token ? record.seq < than.seq : record.token < than.token;",
    becomes: ["record.token <= than.token"],
    why: "of equal tokens it is not asked.",
  },
];
