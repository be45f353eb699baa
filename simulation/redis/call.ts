import type { ScriptName } from "../../src/stores/redis/script/redis-scripts.ts";
import { int } from "./election-hash.ts";
import { type Call, type Identity, type Operation, type Reply, serverOf } from "./execution.ts";
import type { Rules } from "./script-catalogue.ts";

/** One request of a call, with the arguments that its rule takes. */
export interface CallRequest {
  readonly name: ScriptName;
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/** How many arguments each request has, its name included; of several short renewals, those that they share. */
const widths: Readonly<Record<ScriptName, number>> = {
  acquire: 8,
  renew: 8,
  prolong: 4,
  release: 3,
  read: 1,
  introduce: 1,
};

/** Takes a call of the script apart, given its keys and arguments. */
export function requestsOf({ keys, args }: Pick<Call, "keys" | "args">): CallRequest[] {
  const [count = "0", ...common] = args;
  const stamp = keys.slice(Number(count));
  const elections = keys.slice(0, Number(count));
  const requests: CallRequest[] = [];
  for (let at = 7; requests.length < elections.length; ) {
    const name = nameOf(args[at]);
    const own = args.slice(at + 1, at + widths[name]);
    at += widths[name];
    const [size = ""] = own;
    const shares = name === "prolong" ? Number(size) : 0;
    const each = shares === 0 ? [own] : args.slice(at, at + shares).map((nonce) => [...own, nonce]);
    at += shares;
    for (const said of each) {
      const key = elections[requests.length] ?? "";
      requests.push({ name, keys: [key, ...stamp], args: argumentsOf(name, key, said, common) });
    }
  }
  return requests;
}

function nameOf(text = ""): ScriptName {
  if (!Object.hasOwn(widths, text)) throw new Error(`no request has the name "${text}"`);
  return text as ScriptName; // It is one of the names.
}

/** The arguments of a rule: with what the whole call says, and the channel. */
function argumentsOf(
  name: ScriptName,
  key: string,
  own: readonly string[],
  [server = "", guard = "", quarantine = "", elsewhere = ""]: readonly string[],
): string[] {
  const channel = `incumbent:{${key}}`;
  if (name === "release") return [own[0] ?? "", own[1] === "" ? "" : channel];
  if (name === "prolong") {
    const [, notAfter = "", ttl = "", nonce = ""] = own;
    return [server, notAfter, quarantine, guard, nonce, "", "", ttl, channel, "", "", elsewhere];
  }
  if (name !== "acquire" && name !== "renew") return [];
  const [notAfter = "", nonce = "", node = "", metadata = "", ttl = "", ...rest] = own;
  return [
    ...[server, notAfter, quarantine, guard, nonce, node, metadata, ttl, channel],
    ...[...rest, elsewhere],
  ];
}

/** The script: carries out each request by its rule, and judges it for itself. */
export function callOf(rules: Rules): Operation {
  return (memory, call) => {
    const isGuarded = call.args[2] === "1";
    const publications = [];
    const head = headOf(call, isGuarded ? call.server : undefined);
    const replies: Reply[] = [];
    for (const { name, keys, args } of requestsOf(call)) {
      const outcome = rules[name](memory, { ...call, keys, args });
      memory = outcome.memory;
      publications.push(...outcome.publications);
      const { answer } = outcome;
      replies.push("error" in answer ? ["error", answer.error] : answer.reply);
    }
    return { memory, answer: { reply: [head, ...together(replies)] }, publications };
  };
}

/** One reply stands for all if every lease was renewed as usual. */
function together(replies: readonly Reply[]): readonly Reply[] {
  return replies.every((reply) => reply === "renewed") ? ["renewed"] : replies;
}

/** What the server says of itself. */
function headOf({ now }: Call, server: Identity | undefined): Reply {
  return server === undefined
    ? ["unguarded", int(now), "standalone", "0"]
    : [serverOf(server), int(now), server.mode, String(server.version)];
}
