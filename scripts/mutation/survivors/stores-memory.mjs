/** Every mutant that survives, and why it may, as in core.mjs. */
export const survivors = [
  {
    file: "stores/memory/memory-store.ts",
    line: "if (listeners.size === 0 && this.#listeners.get(key) === listeners) {",
    becomes: ["false", "this.#listeners.get(key) !== listeners", "{}"],
    why: "keeps an empty set of each election that is watched no longer; nothing is done with it.",
  },
];
