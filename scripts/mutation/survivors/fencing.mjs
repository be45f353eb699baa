/** Every mutant that survives, and why it may, as in core.mjs. */
export const survivors = [
  {
    file: "fencing/fence-check.ts",
    line: 'if (typeof fence !== "object" || fence === null || typeof fence.raise !== "function") {',
    becomes: ["false"],
    why: "a better error for what is no object; it has no `raise` either.",
  },
  {
    file: "fencing/redis-fence.ts",
    line: 'return ([command = "", ...args]) => client.call(command, ...args);',
    becomes: ['"Stryker was here!"'],
    why: "for the types; a command always has its name.",
  },
];
