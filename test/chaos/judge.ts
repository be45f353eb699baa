import type { Message } from "../faults/candidate-process.ts";

/** What a leader wrote to the thing that it guards. */
export interface Line {
  readonly name: string;
  readonly token: number;
  /** When it had asked whether it leads. */
  readonly checked: number;
}

/** A term, as far as a process believed in it; times on the clock that all processes share, in ms. */
interface Term {
  readonly name: string;
  readonly token: number;
  from: number;
  until: number;
  lastWrite: number;
  /** When its end was reported. */
  deposedAt: number;
}

/** How many terms are compared; those before have been, and are forgotten. */
const KEPT = 50;

/**
 * Holds what the candidates say of themselves, and what they wrote, against the guarantees. It knows
 * nothing of faults: what must hold, holds through all of them.
 */
export class Judge {
  readonly #terms = new Map<number, Term>();
  readonly #leading = new Map<string, Term>();
  readonly #violations: string[] = [];
  readonly #overtaken = new Map<string, Line>();
  /** What its writer said to be late before it was read. */
  readonly #excused = new Set<string>();
  readonly #killed = new Set<string>();
  #largestWritten = 0;
  #begun = 0;
  #lines = 0;
  #lateWrites = 0;

  /** How many terms there were. */
  get terms(): number {
    return this.#begun;
  }

  /** How much was written, and how much of it came so late that only its token gave it away. */
  get written(): { readonly lines: number; readonly late: number } {
    return { lines: this.#lines, late: this.#lateWrites };
  }

  /** What has been found since this was last asked. */
  takeViolations(): string[] {
    this.#compareTerms();
    for (const { name, token } of this.#overtaken.values()) {
      this.report(`${name} wrote with token ${token} after a write with ${this.#largestWritten}`);
    }
    this.#overtaken.clear();
    return this.#violations.splice(0);
  }

  report(violation: string): void {
    this.#violations.push(violation);
  }

  /** A process was killed: it hears and says nothing more. */
  killed(name: string): void {
    this.#leading.delete(name);
    this.#killed.add(name);
    // It can no longer say that a write of its was late.
    for (const [id, line] of this.#overtaken) if (line.name === name) this.#excuse(id);
  }

  hear(name: string, message: Message): void {
    switch (message.type) {
      case "elected":
        this.#onElected(name, message);
        return;
      case "renewed":
        this.#onRenewed(name, message);
        return;
      case "deposed":
        this.#onDeposed(name, message);
        return;
      case "late-write":
        this.#excuse(idOf({ name, token: message.token ?? 0, checked: message.checked ?? 0 }));
        return;
      case "unhandled":
        this.report(`${name}: ${message.message}`);
    }
  }

  /** In the order of the file. */
  read(line: Line): void {
    const { name, token, checked } = line;
    this.#lines += 1;
    if (token < this.#largestWritten) this.#overtake(line);
    this.#largestWritten = Math.max(this.#largestWritten, token);
    const term = this.#termOf(name, token, checked);
    term.from = Math.min(term.from, checked);
    term.until = Math.max(term.until, checked);
    term.lastWrite = Math.max(term.lastWrite, checked);
    this.#compareWrites(term);
  }

  #onElected(name: string, { token = 0, at, until = at, says }: Message): void {
    if (this.#leading.has(name)) this.report(`${name} reported a gain twice`);
    if (says !== true) this.report(`${name} reported a gain while isLeader() said no`);
    const term = this.#termOf(name, token, at);
    term.from = Math.min(term.from, at);
    term.until = Math.max(term.until, until);
    this.#leading.set(name, term);
  }

  #onRenewed(name: string, { at, until = at }: Message): void {
    const term = this.#leading.get(name);
    if (term === undefined) this.report(`${name} renewed what it does not lead`);
    else term.until = Math.max(term.until, until);
  }

  #onDeposed(name: string, { token, at, says }: Message): void {
    const term = this.#leading.get(name);
    this.#leading.delete(name);
    if (term === undefined || term.token !== token) {
      this.report(`${name} reported a loss without a gain`);
      return;
    }
    if (says !== false) this.report(`${name} reported a loss while isLeader() said yes`);
    term.deposedAt = at;
    term.until = Math.min(term.until, Math.max(at, term.lastWrite));
    this.#compareWrites(term);
  }

  #compareWrites({ name, token, lastWrite, deposedAt }: Term): void {
    if (lastWrite <= deposedAt) return;
    this.report(`${name} wrote with token ${token} after it reported its loss`);
  }

  #termOf(name: string, token: number, at: number): Term {
    const known = this.#terms.get(token);
    if (known !== undefined) {
      if (known.name !== name) this.report(`${name} and ${known.name} led with token ${token}`);
      return known;
    }
    const never = { lastWrite: 0, deposedAt: Number.POSITIVE_INFINITY };
    const term: Term = { name, token, from: at, until: at, ...never };
    this.#terms.set(token, term);
    this.#begun += 1;
    return term;
  }

  #overtake(line: Line): void {
    const id = idOf(line);
    this.#overtaken.set(id, line);
    if (this.#excused.delete(id) || this.#killed.has(line.name)) this.#excuse(id);
  }

  #excuse(id: string): void {
    if (this.#overtaken.delete(id)) this.#lateWrites += 1;
    else this.#excused.add(id);
  }

  /** No two at once, and tokens that grow. */
  #compareTerms(): void {
    const terms = [...this.#terms.values()].sort((a, b) => a.from - b.from);
    for (const [index, term] of terms.entries()) {
      const next = terms[index + 1];
      if (next === undefined) continue;
      const both = `${term.name} (token ${term.token}) and ${next.name} (token ${next.token})`;
      if (term.until >= next.from) {
        const overlap = (term.until - next.from).toFixed(1);
        this.report(`${both} led at the same time, for ${overlap} ms`);
      }
      if (next.token <= term.token) this.report(`the token did not grow from ${both}`);
    }
    for (const { token } of terms.slice(0, -KEPT)) this.#terms.delete(token);
  }
}

function idOf({ name, token, checked }: Line): string {
  return `${name} ${token} ${checked}`;
}
