import { type Hash, type Memory, withValue } from "./memory.ts";

/** A server's identity and settings, as INFO reports them. */
export interface Identity {
  /** The run_id: hexadecimal digits that change with every restart. */
  readonly run: string;
  /** The replication id: hexadecimal digits that change with every promotion. */
  readonly data: string;
  readonly mode: "standalone" | "cluster";
  /** The major version. */
  readonly version: number;
  /** Whether the eviction policy is one of `allkeys-*`, under which a single key can vanish. */
  readonly evicts: boolean;
}

/** The name by which the scripts identify a server. */
export function serverOf({ run, data }: Identity): string {
  return [run, data].join(":");
}

/** A command to execute. `now` is the server's clock, in µs since 1970. */
export interface Call {
  readonly keys: readonly string[];
  readonly args: readonly string[];
  readonly now: number;
  readonly server: Identity;
}

export type Reply = string | number | null | readonly Reply[];

/** The arguments of a PUBLISH. */
export interface Publication {
  readonly channel: string;
  readonly message: string;
}

/** The result of a command. Data that was written before an error is kept. */
export interface Outcome {
  readonly memory: Memory;
  readonly answer: { readonly reply: Reply } | { readonly error: string };
  readonly publications: readonly Publication[];
}

/** A script or command as a pure function. */
export type Operation = (memory: Memory, call: Call) => Outcome;

/** An error reply with the text of a real server. */
export class ErrorReply extends Error {}

export const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";

/** The execution of one command. Reads see its earlier writes. */
export class Execution {
  readonly call: Call;
  readonly publications: Publication[] = [];
  memory: Memory;

  constructor(memory: Memory, call: Call) {
    this.memory = memory;
    this.call = call;
  }

  /** An element of KEYS or ARGV, counted from 1 as in Lua; "" if it is missing. */
  key(position: number): string {
    return this.call.keys[position - 1] ?? "";
  }

  arg(position: number): string {
    return this.call.args[position - 1] ?? "";
  }

  /** Returns an empty hash if the key is missing, as HGETALL does. Throws WRONGTYPE. */
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

/** Makes a pure function from code that reads and writes in sequence. */
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
