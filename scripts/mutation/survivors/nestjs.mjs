/** Every mutant that survives, and why it may, as in core.mjs. */
export const survivors = [
  {
    file: "nestjs/incumbent-module.ts",
    line: "return moduleOf({ useFactory: () => elector, ...(name !== undefined && { name }) });",
    becomes: ["true"],
    why: "for the types; a name that is `undefined` is none.",
  },
  {
    file: "nestjs/incumbent-module.ts",
    line: `provide: \`\${elector}:life\`,`,
    becomes: ["``"],
    why: "nothing asks for it, and it is alone in its module.",
  },
  {
    file: "nestjs/leader-runs.ts",
    line: "isLeader || this.#running.size === 0 ? undefined : Promise.allSettled([...this.#running]),",
    becomes: ["false", "isLeader && this.#running.size === 0"],
    why: "a promise that nothing runs under is settled at once.",
  },
];
