import { callOf } from "./call.ts";
import { plainCommand } from "./commands.ts";
import type { Identity, Operation, Outcome } from "./execution.ts";
import { emptyMemory, expire, type Memory } from "./memory.ts";
import { knownScripts, type Rules, rules } from "./script-catalogue.ts";

/** The identity of the server. By default it is a standalone Redis 7 without eviction. */
export interface SimulatedRedisOptions extends Partial<Identity> {
  /** The run_id of its first life, in hexadecimal digits. */
  readonly run: string;
  /** Scripts to use in place of the store's, to see what they lead to. */
  readonly rules?: Rules;
}

const usual = { data: "d0", mode: "standalone", version: 7, evicts: false } as const;

const digests = new Set(knownScripts.values());

/**
 * One Redis server without a socket, a clock or randomness: its owner decides when a command is executed, and
 * which faults happen to the server. It knows the scripts of the Redis store by their digests, and the few
 * plain commands that are used with them.
 */
export class SimulatedRedis {
  /** Called for every PUBLISH, after the command that contains it. */
  onPublish: (channel: string, message: string) => void = () => {};
  readonly #script: Operation;
  readonly #loaded = new Set<string>();
  #identity: Identity;
  #memory: Memory = emptyMemory;

  constructor({ rules: own = rules, ...identity }: SimulatedRedisOptions) {
    this.#script = callOf(own);
    this.#identity = { ...usual, ...identity };
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** Its present data, to be inspected or passed to {@link restart} later. */
  snapshot(): Memory {
    return this.#memory;
  }

  /** Changes its data, as when a key is moved here from another server. */
  revise(memory: Memory): void {
    this.#memory = memory;
  }

  /**
   * Executes one command while its clock shows `micros` (µs since 1970). Returns what ioredis would return,
   * and throws an error with the text of a real server.
   */
  execute([command = "", ...args]: readonly string[], micros: number): unknown {
    const name = command.toUpperCase();
    if (name === "SCRIPT" && args[0]?.toUpperCase() === "FLUSH") {
      this.#loaded.clear();
      return "OK";
    }
    const before = expire(this.#memory, micros);
    const { operation, keys, rest } = this.#find(name, args);
    const call = { keys, args: rest, now: micros, server: this.#identity };
    const outcome = operation(before, call);
    this.#memory = outcome.memory;
    for (const { channel, message } of outcome.publications) this.onPublish(channel, message);
    return replyOf(outcome);
  }

  /**
   * Restarts the process, here or on the machine of a replica, with its present data, an older
   * {@link snapshot} or `emptyMemory`. It then has another run_id and no scripts.
   */
  restart(run: string, memory: Memory = this.#memory): void {
    this.#identity = { ...this.#identity, run };
    this.#memory = memory;
    this.#loaded.clear();
  }

  /**
   * Gives the address to another machine with its own run_id and data. `data` is its replication id, which
   * changes with each promotion.
   */
  become(run: string, data: string, memory: Memory): void {
    this.restart(run, memory);
    this.#identity = { ...this.#identity, data };
  }

  /** The same as CONFIG SET maxmemory-policy. */
  setEviction(evicts: boolean): void {
    this.#identity = { ...this.#identity, evicts };
  }

  #find(name: string, args: readonly string[]): Found {
    if (name === "EVAL" || name === "EVALSHA") return this.#findScript(name, args);
    const operation = plainCommand(name);
    if (operation === undefined) throw replyError(`ERR unknown command '${name}'`);
    return { operation, keys: [], rest: args };
  }

  #findScript(
    command: "EVAL" | "EVALSHA",
    [script = "", count = "0", ...more]: readonly string[],
  ): Found {
    const digest = command === "EVAL" ? knownScripts.get(script) : script;
    if (digest === undefined) throw new Error("A script that the simulation does not know.");
    if (command === "EVAL") this.#loaded.add(digest);
    if (!digests.has(digest) || !this.#loaded.has(digest)) {
      throw replyError("NOSCRIPT No matching script. Please use EVAL.");
    }
    const keys = more.slice(0, Number(count));
    return { operation: this.#script, keys, rest: more.slice(keys.length) };
  }
}

interface Found {
  readonly operation: Operation;
  readonly keys: readonly string[];
  readonly rest: readonly string[];
}

function replyOf({ answer }: Outcome): unknown {
  if ("error" in answer) throw replyError(answer.error);
  return answer.reply;
}

function replyError(message: string): Error {
  const error = new Error(message);
  error.name = "ReplyError";
  return error;
}
