import assert from "node:assert/strict";
import {
  Candidate,
  type CandidateOptions,
  type Message,
  type Surroundings,
} from "./candidate-process.ts";

export { type Candidate, now } from "./candidate-process.ts";

/** Of tests in which a leader must keep its lease, in ms: also a busy machine renews it in time. */
export const LONG_TTL = 3000;

/** How much is shown before and after a moment, in ms. */
const AROUND = 3_000;

/** The candidates of one test, and what must hold of all of them. */
export class Troupe {
  readonly candidates: Candidate[] = [];
  readonly #ears = new Set<(candidate: Candidate, message: Message) => void>();

  add(name: string, options: CandidateOptions, surroundings?: Surroundings): Candidate {
    const candidate = new Candidate(name, options, surroundings);
    this.candidates.push(candidate);
    candidate.onMessage((message) => {
      for (const ear of [...this.#ears]) ear(candidate, message);
    });
    return candidate;
  }

  /** The next message of a type, from a candidate that `from` allows. */
  next(
    type: string,
    from: (candidate: Candidate, message: Message) => boolean = () => true,
    patience = 10_000,
  ): Promise<{ candidate: Candidate; message: Message }> {
    return new Promise((resolve, reject) => {
      const ear = (candidate: Candidate, message: Message) => {
        if (message.type !== type || !from(candidate, message)) return;
        clearTimeout(timer);
        this.#ears.delete(ear);
        resolve({ candidate, message });
      };
      const timer = setTimeout(() => {
        this.#ears.delete(ear);
        reject(new Error(`no "${type}" within ${patience} ms\n${this.describe()}`));
      }, patience);
      this.#ears.add(ear);
    });
  }

  /**
   * The one that leads as far as it has said, or the next one that is elected; never `except`. A candidate that
   * was elected a while ago may have lost its lease to a busy machine since, also while its message was read.
   */
  async leader(except?: Candidate): Promise<Candidate> {
    const isOther = (candidate: Candidate) => candidate !== except;
    for (;;) {
      const leads = (candidate: Candidate) => candidate.isRunning && candidate.saysThatItLeads;
      const leader = this.candidates.filter(isOther).find(leads);
      if (leader !== undefined) return leader;
      await this.next("elected", isOther);
    }
  }

  /** Resolves when each candidate has started. */
  async allStarted(): Promise<void> {
    for (const candidate of this.candidates) {
      const isThis = (other: Candidate) => other === candidate;
      if (candidate.count("started") === 0) await this.next("started", isThis);
    }
  }

  /** G1, G2, G3 and G8, over everything that was said. */
  expectSound(): void {
    const beliefs = this.candidates
      .flatMap((candidate) => candidate.beliefs)
      .sort((a, b) => a.from - b.from);
    for (const [index, belief] of beliefs.entries()) {
      const next = beliefs[index + 1];
      if (next === undefined) continue;
      const overlap = belief.until - next.from;
      assert.ok(
        overlap < 0,
        `${belief.candidate.name} and ${next.candidate.name} led for ${overlap} ms\n${this.describe(next.from)}`,
      );
      assert.ok(next.token > belief.token, "tokens grow");
    }
    for (const candidate of this.candidates) {
      assert.deepEqual(
        candidate.messages.filter(({ type }) => type === "unhandled"),
        [],
      );
      const told = candidate.messages.filter(
        ({ type }) => type === "elected" || type === "deposed",
      );
      for (const [index, { type, says }] of told.entries()) {
        assert.equal(type, index % 2 === 0 ? "elected" : "deposed", this.describe());
        assert.equal(says, type === "elected");
      }
    }
  }

  /** What was said, to find out why a test failed: in the end, or around a moment. */
  describe(around?: number): string {
    const complaints = this.candidates.map(({ name, stderr }) =>
      stderr === "" ? "" : `${name}: ${stderr}`,
    );
    return (
      complaints.join("") +
      this.candidates
        .flatMap((candidate) =>
          candidate.messages
            .filter(({ type, at }) =>
              around === undefined
                ? type !== "look" && type !== "renewed"
                : type !== "look" && Math.abs(at - around) < AROUND,
            )
            .map((message) => ({ name: candidate.name, ...message })),
        )
        .sort((a, b) => a.at - b.at)
        .map(
          ({ at, name, type, ...rest }) =>
            `${at.toFixed(1)} ${name} ${type} ${JSON.stringify(rest)}`,
        )
        .slice(around === undefined ? -60 : 0)
        .join("\n")
    );
  }

  /** Ends every process, also one that is stopped. */
  async disperse(): Promise<void> {
    for (const candidate of this.candidates) if (candidate.isRunning) candidate.signal("SIGKILL");
    await Promise.all(this.candidates.map((candidate) => candidate.exited()));
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** One line with the figures of a fault, for readers of the test's output. */
export function printFigures(what: string, values: readonly number[]): void {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const figures = `median ${median(values).toFixed(1)}, ${least.toFixed(1)} to ${most.toFixed(1)} ms`;
  process.stdout.write(`  ${what}: ${figures} (${values.length} rounds)\n`);
}
