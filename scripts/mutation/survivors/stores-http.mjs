/** Every mutant that survives, and why it may, as in core.mjs. */
export const survivors = [
  {
    file: "stores/http/http-client.ts",
    line: 'rest = lines.pop() ?? "";',
    becomes: ['"Stryker was here!"'],
    why: "for the types; a text that was split has a last part.",
  },
  {
    file: "stores/http/http-client.ts",
    line: 'signal.addEventListener("abort", abort, { once: true });',
    becomes: ["{}", "false"],
    why: "a signal is aborted once; the listener goes with the connection.",
  },
  {
    file: "stores/http/http-client.ts",
    line: 'for await (const piece of response.setEncoding("utf8")) yield String(piece);',
    becomes: ['""'],
    why: "UTF-8 is what Node.js decodes if it is given no name.",
  },
  {
    file: "stores/http/http-errors.ts",
    line: 'each instanceof Error && "code" in each ? String(each.code) : "",',
    becomes: ["true", '"Stryker was here!"'],
    why: "what has no code has none that is looked for.",
  },
];
