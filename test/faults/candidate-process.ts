import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ElectorOptions } from "../../src/elector/options.ts";

/** Milliseconds on the clock that all processes of the machine share. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;

export interface Message {
  readonly type: string;
  readonly at: number;
  readonly token?: number;
  /** Until when it would believe that it leads, if it does not learn otherwise. */
  readonly until?: number;
  readonly leads?: boolean;
  readonly says?: boolean;
  readonly reason?: string;
  readonly message?: string;
  readonly code?: string;
  readonly operation?: string;
  readonly departure?: string;
  /** Of a late write: when it was decided. */
  readonly checked?: number;
  /** What the process takes for the time. */
  readonly monotonic?: number;
  readonly wall?: number;
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
  /** A file to write to while it leads, in place of telling every look. */
  readonly diary?: string;
  /** Rows to write while it leads, in transactions of the database that elected it. */
  readonly ledger?: object;
  /** Answers from a flag that the callbacks set, as one must not. */
  readonly lies?: boolean;
  /** Stamps what it says by a clock that cannot be forged, in steps of 10 ms. */
  readonly stamps?: "since-boot";
}

/** What surrounds the process of a candidate. */
export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  /** A command that runs Node.js, such as `unshare`. */
  readonly under?: readonly string[];
  readonly execArgv?: readonly string[];
}

// One that is stopped would not notice that its parent has gone.
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const candidate of running) candidate.kill("SIGKILL");
});

const script = fileURLToPath(new URL("./candidate.mjs", import.meta.url));

/** One candidate in a process of its own. */
export class Candidate {
  readonly name: string;
  readonly messages: Message[] = [];
  readonly beliefs: Belief[] = [];
  readonly process: ChildProcess;
  readonly #ears = new Set<(message: Message) => void>();
  #stderr = "";

  constructor(name: string, options: CandidateOptions, surroundings: Surroundings = {}) {
    this.name = name;
    const settings = { ttl: 1000, nodeId: name, ...options.options };
    const given = JSON.stringify({ key: "job", ...options, options: settings });
    const { env = {}, under = [], execArgv = [] } = surroundings;
    const [command = "", ...args] = [...under, process.execPath, ...execArgv, script, given];
    this.process = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    running.add(this.process);
    this.process.once("exit", () => running.delete(this.process));
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

  get saysThatItLeads(): boolean {
    const isNews = ({ type }: Message) => type === "elected" || type === "deposed";
    return this.messages.filter(isNews).at(-1)?.type === "elected";
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
