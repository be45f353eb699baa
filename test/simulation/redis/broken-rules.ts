import type { Call, Operation, Outcome } from "../../../simulation/redis/execution.ts";
import { type Hash, type Memory, without, withValue } from "../../../simulation/redis/memory.ts";
import { type Rules, rules } from "../../../simulation/redis/script-catalogue.ts";

// The rules of the scripts, each set with one of them left out or wrong. Whatever is to find faults has
// to find these.

/** No candidate waits after the server lost its memory, nor stands above what can have been granted before. */
const noQuarantine: Rules = {
  ...rules,
  acquire: (memory, call) => {
    const outcome = rules.acquire(memory, call);
    return statusOf(outcome) === "quarantine"
      ? rules.acquire(withFields(outcome.memory, call, { until: "0", floor: "0" }), call)
      : outcome;
  },
};

/** They wait for half of the time. */
const halfQuarantine: Rules = {
  ...rules,
  acquire: (memory, call) => {
    const outcome = rules.acquire(memory, call);
    const left = Number(fieldsOf(outcome.memory, call)["until"]) - call.now;
    const isOver = left <= Math.max(Number(call.args[2]), Number(call.args[7])) / 2;
    return statusOf(outcome) === "quarantine" && isOver
      ? rules.acquire(withFields(outcome.memory, call, { until: "0" }), call)
      : outcome;
  },
};

/** Tokens need not be above what a server that lost its memory may have granted. */
const noFloor: Rules = {
  ...rules,
  acquire: (memory, call) => rules.acquire(withFields(memory, call, { floor: "0" }), call),
};

/** Tokens are counted up, and do not follow the clock. */
const plainCounter: Rules = {
  ...rules,
  acquire: counting(rules.acquire),
};

/** Nor must they be above what a server that lost its memory may have granted. */
const plainCounterWithoutFloor: Rules = { ...rules, acquire: counting(noFloor.acquire) };

/** A lease is no obstacle to the nodeId that has it. */
const ownOverwrite: Rules = {
  ...rules,
  acquire: (memory, call) => {
    const isOwn = fieldsOf(memory, call)["node"] === call.args[5];
    return rules.acquire(isOwn ? withFields(memory, call, { nonce: "" }) : memory, call);
  },
};

/** A leader that restores its lease ends the quarantine with it. */
const restoreEndsQuarantine: Rules = {
  ...rules,
  renew: (memory, call) => {
    const outcome = rules.renew(memory, call);
    return statusOf(outcome) === "renewed"
      ? { ...outcome, memory: withFields(outcome.memory, call, { until: "0" }) }
      : outcome;
  },
};

/** A renewal takes the lease wherever it is free, as SetNXOnExtend of redsync does. */
const restoreAnywhere: Rules = {
  ...rules,
  renew: (memory, call) => {
    const { nonce, exp } = fieldsOf(memory, call);
    const isFree = nonce === "" || call.now >= Number(exp ?? 0);
    const outcome = rules.renew(memory, call);
    if (statusOf(outcome) !== "superseded" || !isFree) return outcome;
    const asItWas = { token: "0", until: String(call.now + 1) };
    return rules.renew(withFields(outcome.memory, call, asItWas), call);
  },
};

const releaseForgets: Rules = {
  ...rules,
  release: (memory, call) => {
    const outcome = rules.release(memory, call);
    return statusOf(outcome) === "released"
      ? { ...outcome, memory: without(outcome.memory, call.keys) }
      : outcome;
  },
};

/** A command counts however late it comes. */
const noNotAfter: Rules = {
  ...rules,
  acquire: withoutNotAfter(rules.acquire),
  renew: withoutNotAfter(rules.renew),
};

export const brokenRules = {
  noQuarantine,
  halfQuarantine,
  noFloor,
  plainCounter,
  plainCounterWithoutFloor,
  ownOverwrite,
  restoreEndsQuarantine,
  restoreAnywhere,
  releaseForgets,
  noNotAfter,
} as const satisfies Record<string, Rules>;

function counting(acquire: Operation): Operation {
  return (memory, call) => {
    const outcome = acquire(memory, call);
    if (statusOf(outcome) !== "granted" || !("reply" in outcome.answer)) return outcome;
    const { token: last = "0" } = fieldsOf(memory, call);
    const { floor = "0" } = fieldsOf(outcome.memory, call);
    const token = String(Math.max(Number(last), Number(floor), Number(call.args[9])) + 1);
    const { reply: given } = outcome.answer;
    // The token is the last but one of what is answered.
    const reply = Array.isArray(given) ? replace(given, given.length - 2, token) : given;
    return { ...outcome, memory: withFields(outcome.memory, call, { token }), answer: { reply } };
  };
}

function withoutNotAfter(operation: Operation): Operation {
  return (memory, call) =>
    operation(
      memory,
      withArgument(call, 2, () => Number.MAX_SAFE_INTEGER),
    );
}

function statusOf({ answer }: Outcome): unknown {
  return "reply" in answer && Array.isArray(answer.reply) ? answer.reply[0] : undefined;
}

function fieldsOf(memory: Memory, { keys: [key = ""] }: Call): Hash {
  const value = memory.get(key);
  return value?.type === "hash" ? value.fields : {};
}

/** Changes the election where there is one. */
function withFields(memory: Memory, { keys: [key = ""] }: Call, fields: Hash): Memory {
  const value = memory.get(key);
  return value?.type === "hash"
    ? withValue(memory, key, { type: "hash", fields: { ...value.fields, ...fields } })
    : memory;
}

function replace<T>(list: readonly T[], index: number, value: T): T[] {
  return list.map((old, at) => (at === index ? value : old));
}

/** `position` counts from 1, as ARGV does. */
function withArgument(call: Call, position: number, change: (value: number) => number): Call {
  const changed = String(change(Number(call.args[position - 1])));
  return { ...call, args: replace(call.args, position - 1, changed) };
}
