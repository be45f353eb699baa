import { type Hash, type Memory, withValue } from "./memory.ts";

/** What a server knows of itself, as INFO tells it. */
export interface Identity {
  /** The run_id: hexadecimal digits, others after every restart. */
  readonly run: string;
  /** The replication id: hexadecimal digits, others after every promotion. */
  readonly data: string;
  readonly mode: "standalone" | "cluster";
  /** The major version. */
  readonly version: number;
  /** Whether the eviction policy is one of `allkeys-*`, under which a single key can vanish. */
  readonly evicts: boolean;
}

/** What the scripts call a server by. */
export function serverOf({ run, data }: Identity): string {
  return [run, data].join(":");
}

/** A command that is to be carried out. `now` is the server's clock, in µs since 1970. */
export interface Call {
  readonly keys: readonly string[];
  readonly args: readonly string[];
  readonly now: number;
  readonly server: Identity;
}

export type Reply = string | number | null | readonly Reply[];

/** What PUBLISH was given. */
export interface Publication {
  readonly channel: string;
  readonly message: string;
}

/** What a command leaves behind. What was written before an error stays written. */
export interface Outcome {
  readonly memory: Memory;
  readonly answer: { readonly reply: Reply } | { readonly error: string };
  readonly publications: readonly Publication[];
}

/** A script or command as a pure function. */
export type Operation = (memory: Memory, call: Call) => Outcome;

/** An error reply, in the server's words. */
export class ErrorReply extends Error {}

export const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";

/** One command while it is being carried out: reads see what it wrote before. */
export class Execution {
  readonly call: Call;
  readonly publications: Publication[] = [];
  memory: Memory;

  constructor(memory: Memory, call: Call) {
    this.memory = memory;
    this.call = call;
  }

  /** KEYS or ARGV of a script, counted from 1 as there; "" where it was not given. */
  key(position: number): string {
    return this.call.keys[position - 1] ?? "";
  }

  arg(position: number): string {
    return this.call.args[position - 1] ?? "";
  }

  /** Empty without a key, as HGETALL. Throws WRONGTYPE. */
  hash(key: string): Hash {
    const value = this.memory.get(key);
    if (value === undefined) return {};
    if (value.type !== "hash") throw new ErrorReply(WRONG_TYPE);
    return value.fields;
  }

  hset(key: string, fields: Hash): void {
    const all = { ...this.hash(key), ...fields };
    this.memory = withValue(this.memory, key, { type: "hash", fields: all });
  }

  publish(channel: string, message: string): void {
    this.publications.push({ channel, message });
  }
}

/** Makes a pure function of steps that read and write one after the other. */
export function operation(steps: (execution: Execution) => Reply): Operation {
  return (memory, call) => {
    const execution = new Execution(memory, call);
    const answer = answerOf(execution, steps);
    return { memory: execution.memory, answer, publications: execution.publications };
  };
}

function answerOf(execution: Execution, steps: (execution: Execution) => Reply): Outcome["answer"] {
  try {
    return { reply: steps(execution) };
  } catch (error) {
    if (error instanceof ErrorReply) return { error: error.message };
    throw error;
  }
}
