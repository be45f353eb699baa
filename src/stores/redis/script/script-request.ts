import type { AskedRequest } from "../../connections/asked-request.ts";
import type { ScriptReply } from "./redis-reply.ts";
import type { ScriptName } from "./redis-scripts.ts";

/** One request to the script. */
export type ScriptRequest = AskedRequest<ScriptName, ScriptReply>;

/** Whether the script looks which server it runs on before it decides. */
export function isGuarded(name: ScriptName): boolean {
  return name === "acquire" || name === "renew" || name === "prolong";
}

/** Whether the reply to a call with this request has to say which server that is. */
export function introduces(name: ScriptName): boolean {
  return isGuarded(name) || name === "introduce";
}
