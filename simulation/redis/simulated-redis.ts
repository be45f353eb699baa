import { plainCommand } from "./commands.ts";
import type { Identity, Operation, Outcome } from "./execution.ts";
import { emptyMemory, expire, type Memory } from "./memory.ts";
import { knownScripts, type Rules, rules } from "./script-catalogue.ts";

/** A standalone Redis 7 without eviction, unless it is said otherwise. */
export interface SimulatedRedisOptions extends Partial<Identity> {
  /** The run_id of its first life, in hexadecimal digits. */
  readonly run: string;
  /** Others than the store's own, to see what they lead to. */
  readonly rules?: Rules;
}

const usual = { data: "d0", mode: "standalone", version: 7, evicts: false } as const;

const digests = new Map([...knownScripts.values()].map(({ digest, name }) => [digest, name]));

/**
 * One Redis server without a socket, a clock or chance: whoever has it says when a command is carried
 * out, and what happens to the server. It knows the scripts of the Redis store by their digests, and
 * the few plain commands around them.
 */
export class SimulatedRedis {
  /** Told of every PUBLISH, after the command that it is part of. */
  onPublish: (channel: string, message: string) => void = () => {};
  readonly #rules: Rules;
  readonly #loaded = new Set<string>();
  #identity: Identity;
  #memory: Memory = emptyMemory;

  constructor({ rules: own = rules, ...identity }: SimulatedRedisOptions) {
    this.#rules = own;
    this.#identity = { ...usual, ...identity };
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** All that it remembers now, to be looked at, or given to {@link restart} later. */
  snapshot(): Memory {
    return this.#memory;
  }

  /**
   * Carries out one command when its own clock shows `micros` (µs since 1970). Answers as ioredis does,
   * and throws an error with the server's words.
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
   * The process ended and another has begun, here or on the machine of a replica: with what it
   * remembers, with an older {@link snapshot}, or with `emptyMemory`. It has another run_id then, and
   * no scripts.
   */
  restart(run: string, memory: Memory = this.#memory): void {
    this.#identity = { ...this.#identity, run };
    this.#memory = memory;
    this.#loaded.clear();
  }

  /**
   * Another machine has the address now, with its own run_id, and what it remembers; `data` is its
   * replication id, another one after each promotion.
   */
  become(run: string, data: string, memory: Memory): void {
    this.restart(run, memory);
    this.#identity = { ...this.#identity, data };
  }

  /** As CONFIG SET maxmemory-policy. */
  setEviction(evicts: boolean): void {
    this.#identity = { ...this.#identity, evicts };
  }

  #find(name: string, args: readonly string[]): Found {
    if (name === "EVAL" || name === "EVALSHA") return this.#script(name, args);
    const operation = plainCommand(name);
    if (operation === undefined) throw replyError(`ERR unknown command '${name}'`);
    return { operation, keys: [], rest: args };
  }

  #script(
    command: "EVAL" | "EVALSHA",
    [script = "", count = "0", ...more]: readonly string[],
  ): Found {
    const digest = command === "EVAL" ? knownScripts.get(script)?.digest : script;
    if (digest === undefined) throw new Error("A script that the simulation does not know.");
    if (command === "EVAL") this.#loaded.add(digest);
    const name = digests.get(digest);
    if (name === undefined || !this.#loaded.has(digest)) {
      throw replyError("NOSCRIPT No matching script. Please use EVAL.");
    }
    const keys = more.slice(0, Number(count));
    return { operation: this.#rules[name], keys, rest: more.slice(keys.length) };
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
