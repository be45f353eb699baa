import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ElectorOptions } from "../../src/elector/options.ts";
import { Judge } from "../chaos/judge.ts";
import type { Message } from "../faults/candidate-process.ts";
import type { RedisServer } from "../support/redis-server.ts";
import type { Weight } from "./scales.ts";

/** What an elector of a process said, or the process itself. */
export interface Said extends Message {
  readonly from: string;
  readonly weight?: Weight;
}

export interface CrowdOptions {
  /** A port of Redis, a path of SQLite, or neither: then each process has an election of its own. */
  readonly store: { readonly port?: number; readonly path?: string };
  readonly key: string;
  readonly count: number;
  readonly options: ElectorOptions;
}

const script = fileURLToPath(new URL("crowd.mjs", import.meta.url));

/** Processes with many electors each, and what must hold of all of them. */
export class Crowds {
  readonly judge = new Judge();
  readonly #processes = new Map<string, ChildProcess>();
  readonly #ears = new Set<(said: Said) => void>();
  #troubles = 0;

  /** How often a request failed or a term began or ended. */
  get troubles(): number {
    return this.#troubles;
  }

  add(name: string, options: CrowdOptions): void {
    const child = fork(script, [JSON.stringify({ name, ...options })], {
      execArgv: ["--expose-gc"],
    });
    this.#processes.set(name, child);
    child.on("message", (said: Said) => {
      this.judge.hear(said.from, said);
      if (["store-error", "elected", "deposed"].includes(said.type)) this.#troubles += 1;
      for (const ear of [...this.#ears]) ear(said);
    });
  }

  tell(name: string, command: "resign" | "sample"): void {
    this.#processes.get(name)?.send({ command });
  }

  /** The next thing of a type that is said, by whomever `isIt` allows. */
  next(type: string, isIt: (said: Said) => boolean = () => true, patience = 20_000): Promise<Said> {
    return new Promise((resolve, reject) => {
      const ear = (said: Said) => {
        if (said.type !== type || !isIt(said)) return;
        clearTimeout(timer);
        this.#ears.delete(ear);
        resolve(said);
      };
      const timer = setTimeout(() => {
        this.#ears.delete(ear);
        reject(new Error(`no "${type}" within ${patience} ms`));
      }, patience);
      this.#ears.add(ear);
    });
  }

  async weigh(name: string): Promise<Weight> {
    const weighed = this.next("sample", ({ from }) => from === name);
    this.tell(name, "sample");
    const { weight } = await weighed;
    if (weight === undefined) throw new Error(`${name} does not say what it weighs`);
    return weight;
  }

  async kill(name: string): Promise<void> {
    const child = this.#processes.get(name);
    if (child === undefined) return;
    this.#processes.delete(name);
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }

  async disperse(): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((name) => this.kill(name)));
  }
}

/** Which process an elector is in. */
export function processOf({ from }: Said): string {
  return from.split("/")[0] ?? from;
}

/** How many scripts a server has been asked to run so far: each is one decision. */
export async function decisionsOf(redis: RedisServer): Promise<number> {
  const stats = await redis.command("INFO", "commandstats");
  const calls = [...stats.matchAll(/^cmdstat_(?:eval|evalsha):calls=(\d+)/gm)];
  return calls.reduce((sum, [, count]) => sum + Number(count), 0);
}
