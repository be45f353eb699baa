import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Leaving } from "./tally.ts";
import { Beliefs } from "./terms.ts";

/** The token, and the Lease, that the candidate of client-go has in its program. */
const [TOKEN, LEASE] = ["secret", "wire"];

export type Kind = "ours" | "go";

interface Candidate {
  readonly kind: Kind;
  readonly process: ChildProcess;
  /** When one of client-go gives the Lease back, in ms since 1970. */
  readonly leavesAt: number;
  leaving: Leaving;
}

/** Candidates of both kinds, each a process. One that has ended is replaced by another of its kind. */
export class Candidates {
  readonly beliefs = new Beliefs();
  readonly #server: string;
  readonly #program: string;
  readonly #all = new Map<string, Candidate>();
  #started = 0;
  #isOver = false;

  constructor(server: string, program: string) {
    this.#server = server;
    this.#program = program;
  }

  start(kind: Kind): void {
    this.#started += 1;
    const id = `${kind}${this.#started}`;
    const seconds = 4 + (this.#started % 5);
    const child =
      kind === "go"
        ? spawn(this.#program, [this.#server, id, `${seconds}s`])
        : spawn(process.execPath, [
            ...["--import", "tsx", new URL("candidate.mts", import.meta.url).pathname],
            ...[this.#server, TOKEN, LEASE, id],
          ]);
    const leavesAt = kind === "go" ? Date.now() + 1000 * seconds : Number.POSITIVE_INFINITY;
    const leaving: Leaving = "lost";
    this.#all.set(id, { kind, process: child, leavesAt, leaving });
    createInterface({ input: child.stdout }).on("line", (line) => this.beliefs.hear(line));
    child.stderr.resume();
    child.on("close", () => {
      this.beliefs.end(id, Date.now());
      // How it left is asked for when its successor leads.
      setTimeout(() => this.#all.delete(id), 30_000).unref();
      if (!this.#isOver) this.start(kind);
    });
  }

  /** SIGKILL, and waits until it has gone. */
  async kill(id: string): Promise<void> {
    const candidate = this.#all.get(id);
    if (candidate === undefined) return;
    candidate.leaving = "killed";
    candidate.process.kill("SIGKILL");
    await once(candidate.process, "close");
  }

  /** It gives its lease back now; one of client-go does so when its time is over. */
  leave(id: string): void {
    const candidate = this.#all.get(id);
    if (candidate?.kind !== "ours") return;
    candidate.leaving = "handed over";
    candidate.process.kill("SIGTERM");
  }

  /** How a candidate that no longer leads has left. */
  leavingOf(id: string): Leaving {
    const { leaving = "lost", leavesAt = Number.POSITIVE_INFINITY } = this.#all.get(id) ?? {};
    return leaving === "lost" && Date.now() >= leavesAt ? "handed over" : leaving;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    const running = [...this.#all.values()].filter(({ process: child }) => {
      return child.exitCode === null && child.signalCode === null;
    });
    await Promise.all(
      running.map(async ({ process: child }) => {
        child.kill("SIGKILL");
        await once(child, "close");
      }),
    );
  }
}

export function kindOf(id: string): Kind {
  return id.startsWith("go") ? "go" : "ours";
}
