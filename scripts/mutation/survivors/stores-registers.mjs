/** Every mutant that survives, and why it may, as in core.mjs. */
export const survivors = [
  {
    file: "stores/registers/register-watches.ts",
    line: "if (ofKey.size === 0 && this.#watches.get(key) === ofKey) this.#watches.delete(key);",
    becomes: ["false", "this.#watches.get(key) !== ofKey"],
    why: "keeps an empty set of each election that is watched no longer; nothing is done with it.",
  },
  {
    file: "stores/registers/sessions.ts",
    line: 'if (session === undefined) throw new Error("the connection was closed");',
    becomes: ["false", '""'],
    why: "for the types; nothing is asked over a connection that is not ready.",
  },
  {
    file: "stores/registers/sessions.ts",
    line: "isElsewhere: () => false,",
    becomes: ["() => undefined"],
    why: "`undefined` is as little a yes.",
  },
  {
    file: "stores/registers/sessions.ts",
    line: "void ending.then(() => this.#ending.delete(ending));",
    becomes: ["() => undefined"],
    why: "keeps a settled promise of each session that has ended; to wait for it takes no time.",
  },
  {
    file: "stores/registers/tls-files.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the line as it stands there.
    line: 'const because = error instanceof Error && "code" in error ? ` (${error.code})` : "";',
    becomes: ["true", 'error instanceof Error || "code" in error', '"Stryker was here!"'],
    why: "for the types; a file that cannot be read is an error with a code.",
  },
];
