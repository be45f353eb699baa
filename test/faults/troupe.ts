import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { ElectorOptions } from "../../src/elector/options.ts";

/** Milliseconds on the clock that all processes of the machine share. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;

export interface Message {
  readonly type: string;
  readonly at: number;
  readonly token?: number;
  /** Until when it would believe that it leads, if nobody told it otherwise. */
  readonly until?: number;
  readonly leads?: boolean;
  readonly says?: boolean;
  readonly reason?: string;
  readonly message?: string;
  readonly code?: string;
  readonly operation?: string;
  readonly departure?: string;
}

/** A term as its process believed in it. */
export interface Belief {
  readonly candidate: Candidate;
  readonly token: number;
  readonly from: number;
  /** The last moment at which it would have said yes. */
  until: number;
}

export interface CandidateOptions {
  readonly store: object;
  readonly key?: string;
  readonly options?: ElectorOptions;
  readonly blockInCallback?: number;
}

const script = fileURLToPath(new URL("./candidate.mjs", import.meta.url));

export class Candidate {
  readonly name: string;
  readonly messages: Message[] = [];
  readonly beliefs: Belief[] = [];
  readonly process: ChildProcess;
  readonly #ears = new Set<(message: Message) => void>();
  #stderr = "";

  constructor(name: string, options: CandidateOptions) {
    this.name = name;
    const settings = { ttl: 1000, nodeId: name, ...options.options };
    const given = JSON.stringify({ key: "job", ...options, options: settings });
    this.process = fork(script, [given], {
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.process.on("message", (message: Message) => this.#hear(message));
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error(`${this.name} did not start`);
    return this.process.pid;
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  get stderr(): string {
    return this.#stderr;
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  tell(command: string, fields: object = {}): void {
    this.process.send({ command, ...fields });
  }

  count(type: string): number {
    return this.messages.filter((message) => message.type === type).length;
  }

  onMessage(ear: (message: Message) => void): () => void {
    this.#ears.add(ear);
    return () => {
      this.#ears.delete(ear);
    };
  }

  async exited(): Promise<void> {
    if (this.isRunning) await once(this.process, "exit");
  }

  #hear(message: Message): void {
    this.messages.push(message);
    const belief = this.beliefs.at(-1);
    if (message.type === "elected") {
      const { token = 0, at, until = at } = message;
      this.beliefs.push({ candidate: this, token, from: at, until });
    } else if (belief !== undefined && message.type === "deposed") {
      belief.until = Math.min(belief.until, message.at);
    } else if (belief !== undefined && message.until !== undefined && message.leads !== false) {
      belief.until = Math.max(belief.until, message.until);
    }
    for (const ear of [...this.#ears]) ear(message);
  }
}

/** The candidates of one test, and what must hold of all of them. */
export class Troupe {
  readonly candidates: Candidate[] = [];
  readonly #ears = new Set<(candidate: Candidate, message: Message) => void>();

  add(name: string, options: CandidateOptions): Candidate {
    const candidate = new Candidate(name, options);
    this.candidates.push(candidate);
    candidate.onMessage((message) => {
      for (const ear of [...this.#ears]) ear(candidate, message);
    });
    return candidate;
  }

  /** The next message of a type, from whomever `from` allows. */
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

  /** G1, G2, G3 and G8, over everything that was said. */
  expectSound(): void {
    const beliefs = this.candidates
      .flatMap((candidate) => candidate.beliefs)
      .sort((a, b) => a.from - b.from);
    for (const [index, belief] of beliefs.entries()) {
      const next = beliefs[index + 1];
      if (next === undefined) continue;
      const overlap = belief.until - next.from;
      expect(
        overlap,
        `${belief.candidate.name} and ${next.candidate.name} led\n${this.describe()}`,
      ).toBeLessThan(0);
      expect(next.token, "tokens grow").toBeGreaterThan(belief.token);
    }
    for (const candidate of this.candidates) {
      expect(candidate.messages.filter(({ type }) => type === "unhandled")).toEqual([]);
      const told = candidate.messages.filter(
        ({ type }) => type === "elected" || type === "deposed",
      );
      for (const [index, { type, says }] of told.entries()) {
        expect(type, this.describe()).toBe(index % 2 === 0 ? "elected" : "deposed");
        expect(says).toBe(type === "elected");
      }
    }
  }

  /** What everybody said, for whoever has to find out why a test failed. */
  describe(): string {
    const complaints = this.candidates.map(({ name, stderr }) =>
      stderr === "" ? "" : `${name}: ${stderr}`,
    );
    return (
      complaints.join("") +
      this.candidates
        .flatMap((candidate) =>
          candidate.messages
            .filter(({ type }) => type !== "look" && type !== "renewed")
            .map((message) => ({ name: candidate.name, ...message })),
        )
        .sort((a, b) => a.at - b.at)
        .map(
          ({ at, name, type, ...rest }) =>
            `${at.toFixed(1)} ${name} ${type} ${JSON.stringify(rest)}`,
        )
        .slice(-60)
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

/** One line with the figures of a fault, for whoever reads the test's output. */
export function printFigures(what: string, values: readonly number[]): void {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const figures = `median ${median(values).toFixed(1)}, ${least.toFixed(1)} to ${most.toFixed(1)} ms`;
  process.stdout.write(`  ${what}: ${figures} (${values.length} rounds)\n`);
}
