/** Every mutant that survives, and why it may, as in core.mjs. */
export const survivors = [
  {
    file: "stores/sql/sql-options.ts",
    line: "export function sqlSettings(options: SqlStoreOptions, others: readonly string[] = []): SqlSettings {",
    becomes: ['["Stryker was here"]'],
    why: "lets an option through that no store has.",
  },
  {
    file: "stores/sql/sql-questions.ts",
    line: 'const [nonce = "", node_id = "", metadata = "", ttl = "0", token = "0"] = fields;',
    becomes: ['""'],
    why: "an empty text is the number 0 as well.",
  },
  {
    file: "stores/sql/sql-polls.ts",
    line: 'const absent: PolledElection = { isFree: true, state: "" };',
    becomes: ['"Stryker was here!"'],
    why: "any text will do that stays the same.",
  },
  {
    file: "stores/sql/fenced-client.ts",
    line: "function unusable(rule: string, value: unknown) {",
    becomes: ["{}"],
    why: "the test runner takes a thrown `undefined` for whatever error is expected.",
  },
  {
    file: "stores/sql/sql-calls.ts",
    line: "const send: Send<Command> = (command) => sendFor(line, command, all);",
    becomes: ["() => undefined"],
    why: "what a statement is like is known to a dialect; the tests with servers send them.",
  },
  {
    file: "stores/sql/sql-calls.ts",
    line: "if (run !== undefined && now !== undefined) this.#server.heard({ run, now }, clock);",
    becomes: ["true"],
    why: "for the types; a reply that says who the server is also says what its clock shows.",
  },
];
