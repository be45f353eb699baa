/**
 * Every mutant that survives, and why it may: the file below src/, the line as it stands, and what becomes of
 * a part of it.
 */
export const survivors = [
  {
    file: "election/on-renew.ts",
    line: 'if (state.role !== "leader" && state.role !== "draining") return stay(state);',
    becomes: ["false"],
    why: "for the types; the other roles have no lease, so the next line lets them stay.",
  },
  {
    file: "election/on-release.ts",
    line: 'if (state.role !== "releasing") return stay(state); // Before the next attempt, or by a stop.',
    becomes: ["false"],
    why: "for the types; no other role looks at when a release is repeated.",
  },
  {
    file: "election/state.ts",
    line: 'export const initialState: Idle = { role: "idle", attempts: 0, working: false, leftovers: [] };',
    becomes: ['["Stryker was here"]'],
    why: "no attempt, and so nothing that lasts until the next one.",
  },
  {
    file: "election/state.ts",
    line: 'case "idle":',
    becomes: ['""'],
    why: "for the types; without its case the answer is `undefined` as well.",
  },
  {
    file: "election/state.ts",
    line: 'case "campaigning":',
    becomes: ['case "campaigning":', '""'],
    why: "the same: the role without its case, or without what to return, answers `undefined`.",
  },
  {
    file: "election/transition.ts",
    line: "return leftovers.filter(({ decidedAt }) => now < decidedAt);",
    becomes: ["now <= decidedAt"],
    why: "in that very moment it is given back once more, which changes nothing.",
  },
  {
    file: "election/transition.ts",
    line: 'return { role: "idle", attempts: from.attempts, working: from.working, leftovers: [] };',
    becomes: ['["Stryker was here"]'],
    why: "no attempt, and so nothing that lasts until the next one.",
  },
  {
    file: "election/on-time.ts",
    line: 'case "idle":',
    becomes: ['case "idle":'],
    why: "goes on with the candidate, whose moments an idle state does not have: nothing is due.",
  },
  {
    file: "election/on-time.ts",
    line: 'const hinted = event.type === "hint" && now >= state.heldOffUntil;',
    becomes: ["now > state.heldOffUntil"],
    why: "in that very moment the next attempt is due without any hint.",
  },
  {
    file: "election/on-time.ts",
    line: "return state.retryAt !== undefined && now >= state.retryAt",
    becomes: ["true"],
    why: "for the types; no moment is after `undefined`.",
  },
  {
    file: "election/on-command.ts",
    line: 'if (next.role === "candidate" && now >= next.attemptAt) return campaign(timing, next, now);',
    becomes: ["true"],
    why: "for the types; only a candidate has an `attemptAt`.",
  },
  {
    file: "elector/time/clock.ts",
    line: "if (Math.abs(lead - wallLead) > TOLERANCE) {",
    becomes: ["Math.abs(lead - wallLead) >= TOLERANCE"],
    why: "exactly at the tolerance it does not matter whether the boot clock is read.",
  },
  {
    file: "elector/time/clock.ts",
    line: "if (more > resolution) {",
    becomes: ["more >= resolution"],
    why: "exactly at its resolution the boot clock does not know; both are inside the margin.",
  },
  {
    file: "elector/elector.ts",
    line: "if (signal !== undefined) {",
    becomes: ["true"],
    why: "without a signal it would only hear of its own stop, which is under way.",
  },
  {
    file: "elector/requests/requests.ts",
    line: 'const { leader, reason, retryIn, applied = "no" } = reply;',
    becomes: ['""'],
    why: 'for the types; only "maybe" is asked for.',
  },
  {
    file: "elector/loop.ts",
    line: "readonly #effects: Effect[] = [];",
    becomes: ['["Stryker was here"]'],
    why: "no effect, and so nothing is carried out.",
  },
  {
    file: "elector/requests/requests.ts",
    line: '? { type: "acquire-failed", attempt, applied: "no", jitter: this.#environment.jitter() }',
    becomes: ['""'],
    why: 'all that is asked of it is whether it is `"maybe"`.',
  },
  {
    file: "elector/requests/attempts.ts",
    line: "leftovers.some(({ attempt }) => attempt === old.number),",
    becomes: ["true"],
    why: "keeps a few bytes of every attempt for ever; no answer looks for them.",
  },
  {
    file: "elector/requests/attempts.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the line as it stands there.
    line: "if (known === undefined) throw new Error(`attempt ${number} was forgotten while in use`);",
    becomes: ["false", "``"],
    why: "for the types; it would be a mistake of our own, and there is none known.",
  },
  {
    file: "elector/observe.ts",
    line: "return { ok: false };",
    becomes: ["{}"],
    why: "`undefined` is as little a success.",
  },
  {
    file: "elector/terms/terms.ts",
    line: "if (term === undefined) return;",
    becomes: ["false"],
    why: "for the types, twice; the loop reports a loss and a renewal only after a gain.",
  },
  {
    file: "elector/terms/terms.ts",
    line: 'if (this.#term !== undefined) this.#events.emit("drainTimeout", { term: this.#term });',
    becomes: ["true"],
    why: "for the types; work drains only after a term.",
  },
  {
    file: "elector/terms/waiters.ts",
    line: "reject(signal?.reason);",
    becomes: ["signal.reason"],
    why: "for the types; only a signal calls it.",
  },
  {
    file: "elector/terms/waiters.ts",
    line: 'signal?.addEventListener("abort", onAbort, { once: true });',
    becomes: ["{}", "false"],
    why: "a signal is aborted once; the listener would only stay on it.",
  },
];
