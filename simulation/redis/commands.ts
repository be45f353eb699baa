import {
  ErrorReply,
  type Execution,
  type Operation,
  operation,
  type Reply,
  WRONG_TYPE,
} from "./execution.ts";
import { emptyMemory, type Hash, millis, remainingMillis, without, withValue } from "./memory.ts";

type Steps = (execution: Execution, args: readonly string[]) => Reply;

/** The plain commands that the store, a test or an operator may send. */
const steps: Readonly<Record<string, Steps>> = {
  PING: () => "PONG",
  GET: (execution, [key = ""]) => {
    const value = execution.memory.get(key);
    return value?.type === "string" ? value.text : null;
  },
  SET: (execution, [key = "", text = "", ...options]) => {
    const [unit, amount] = options;
    const expiresAt = unit === "PX" ? millis(execution.call.now) + Number(amount) : undefined;
    execution.memory = withValue(execution.memory, key, { type: "string", text, expiresAt });
    return "OK";
  },
  PTTL: (execution, [key = ""]) => remainingMillis(execution.memory, key, execution.call.now),
  TYPE: (execution, [key = ""]) => execution.memory.get(key)?.type ?? "none",
  EXISTS: (execution, keys) => keys.filter((key) => execution.memory.has(key)).length,
  DEL: (execution, keys) => {
    const before = execution.memory.size;
    execution.memory = without(execution.memory, keys);
    return before - execution.memory.size;
  },
  HGET: (execution, [key = "", field = ""]) => execution.hash(key)[field] ?? null,
  HGETALL: (execution, [key = ""]) => Object.entries(execution.hash(key)).flat(),
  HSET: (execution, [key = "", ...pairs]) => {
    const before = Object.keys(execution.hash(key)).length;
    execution.hset(key, fieldsOf(pairs));
    return Object.keys(execution.hash(key)).length - before;
  },
  RPUSH: (execution, [key = "", ...added]) => {
    const items = [...listAt(execution, key), ...added];
    execution.memory = withValue(execution.memory, key, { type: "list", items });
    return items.length;
  },
  FLUSHALL: (execution) => {
    execution.memory = emptyMemory;
    return "OK";
  },
  /** Returns everything in one reply. The store scans for hashes. */
  SCAN: (execution) => {
    const hashes = [...execution.memory].filter(([, { type }]) => type === "hash");
    return ["0", hashes.map(([key]) => key)];
  },
  PUBLISH: (execution, [channel = "", message = ""]) => {
    execution.publish(channel, message);
    return 0;
  },
};

/** Returns the command as a pure function, or `undefined` if it is not simulated. */
export function plainCommand(name: string): Operation | undefined {
  const found = steps[name];
  return found && operation((execution) => found(execution, execution.call.args));
}

function listAt(execution: Execution, key: string): readonly string[] {
  const value = execution.memory.get(key);
  if (value === undefined) return [];
  if (value.type === "list") return value.items;
  throw new ErrorReply(WRONG_TYPE);
}

function fieldsOf(pairs: readonly string[]): Hash {
  const fields: Record<string, string> = {};
  for (let index = 0; index < pairs.length; index += 2) {
    fields[pairs[index] ?? ""] = pairs[index + 1] ?? "";
  }
  return fields;
}
