/** Every mutant that survives, and why it may, as in core.mjs. */
export const survivors = [
  {
    file: "stores/connections/asked-request.ts",
    line: 'signal.addEventListener("abort", onAbort, { once: true });',
    becomes: ["{}", "false"],
    why: "a signal is aborted once.",
  },
  {
    file: "stores/connections/command-connection.ts",
    line: 'signal.addEventListener("abort", onAbort, { once: true });',
    becomes: ["{}", "false"],
    why: "a signal is aborted once.",
  },
  {
    file: "stores/connections/command-connections.ts",
    line: "if (attempts.length === MOST_ATTEMPTS) attempts.at(-1)?.end();",
    becomes: ["attempts.at(-1).end"],
    why: "for the types; of four attempts one is the last.",
  },
  {
    file: "stores/connections/command-connections.ts",
    line: 'signal.addEventListener("abort", onAbort, { once: true });',
    becomes: ["{}", "false"],
    why: "a signal is aborted once.",
  },
  {
    file: "stores/connections/request-queue.ts",
    line: "#sought = { notAfter: Number.POSITIVE_INFINITY, opened: 0 };",
    becomes: ["{}"],
    why: "for the types; the first request seeks before anything is read of it.",
  },
  {
    file: "stores/connections/request-queue.ts",
    line: "if (this.#isGathering) return;",
    becomes: ["false"],
    why: "looks for something to send once more for each request, when nothing is left.",
  },
  {
    file: "stores/connections/request-queue.ts",
    line: "if (lane[0]?.isAwaited === false) this.#drop(({ isAwaited }) => !isAwaited, unasked());",
    becomes: ["true"],
    why: "looks through all that wait each time; those in the midst are left out of the call anyway.",
  },
  {
    file: "stores/connections/request-queue.ts",
    line: "const isFull = taken.length >= room || bytes > MOST_BYTES;",
    becomes: ["bytes >= MOST_BYTES"],
    why: "it is about so many bytes.",
  },
  {
    file: "stores/connections/request-queue.ts",
    line: "if (earliest === undefined || request.notAfter < earliest.notAfter) earliest = request;",
    becomes: ["request.notAfter <= earliest.notAfter"],
    why: "both have the same time.",
  },
  {
    file: "stores/connections/waiting-renewals.ts",
    line: "if (renews === undefined || request.isAwaited !== true) return undefined;",
    becomes: ["false"],
    why: "for the types; none waits that renews nothing.",
  },
  {
    file: "stores/connections/waiting-renewals.ts",
    line: "if (asked.renews === undefined || asked.request.isAwaited === undefined) return;",
    becomes: ["false"],
    why: "for the types; none is looked for that renews nothing.",
  },
  {
    file: "stores/connections/waiting-renewals.ts",
    line: "if (asked.renews === undefined || this.#waiting.get(asked.renews) !== asked) return;",
    becomes: ["false"],
    why: "for the types; none waits that renews nothing.",
  },
  {
    file: "stores/connections/waiting-renewals.ts",
    line: "clear(): void {",
    becomes: ["{}"],
    why: "keeps what was rejected until its lease is asked for again; no question is answered with it.",
  },
];
