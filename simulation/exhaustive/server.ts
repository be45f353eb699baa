import { type Call, serverOf } from "../redis/execution.ts";
import type { Instance } from "./instance.ts";
import { identityOf, type Message, type Server } from "./world.ts";

/** Executes a command on the server, and returns the answer. */
export function carryOut(
  instance: Instance,
  server: Server,
  message: Message,
  now: number,
): { readonly server: Server; readonly answer: Message } {
  const call: Call = { ...wordsOf(instance, message), now, server: identityOf(server.life) };
  const { memory, answer } = instance.rules[message.request.kind](server.memory, call);
  if (!("reply" in answer) || !Array.isArray(answer.reply)) {
    throw new Error("No script answers like this in an election of its own.");
  }
  const [status, ...rest] = answer.reply;
  // The head of a call names the server.
  const reply = [status, serverOf(call.server), ...rest];
  return { server: { ...server, memory }, answer: { ...message, reply } };
}

/** The command with the same arguments, in the same order, as the store sends them. */
function wordsOf(
  { timing, quarantine, identity, servers }: Instance,
  { candidate, request, life }: Message,
): Pick<Call, "keys" | "args"> {
  const { kind, attempt, notAfter, token } = request;
  const node = `c${candidate}`;
  const nonce = identity === "attempt" ? `${node}.${attempt}` : node;
  if (kind === "release") return { keys: ["job"], args: [nonce, "channel"] };
  // The candidate knows the server's clock, so notAfter is as late as permitted.
  const guard = [serverOf(identityOf(life)), String(notAfter), String(quarantine), "1"];
  const proposal = kind === "acquire" ? String(token) : "join";
  const ballot = [String(token), servers === 1 ? "" : proposal, ""];
  const lease = [nonce, node, "", String(timing.ttl), "channel", ...ballot];
  return { keys: ["job", "stamp"], args: [...guard, ...lease] };
}
