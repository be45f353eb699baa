import { StoreError } from "../../../errors.ts";
import { sendFor } from "../../connections/asked-request.ts";
import type { CommandConnection } from "../../connections/command-connection.ts";
import { storeErrorOf } from "../client/redis-errors.ts";
import type { ScriptReply } from "./redis-reply.ts";
import type { ScriptRequest } from "./script-request.ts";

/**
 * Which part of the time that a request has left the replicas get: so much that a renewal can be repeated
 * before its leader gives up.
 */
const PART = 1 / 6;

/** Least time for them, in ms: 0 would be for ever. */
const LEAST = 20;

/** What a leader may rely on, or what a wait begins with: it counts only if enough replicas have it. */
const relied: ReadonlySet<string> = new Set(["granted", "renewed", "quarantine"]);

export function needsReplicas({ status }: ScriptReply): boolean {
  return relied.has(status);
}

/**
 * Asks, on the connection that the script was called on, whether so many replicas have what it wrote.
 * Returns why that must not be relied upon, or nothing.
 */
export async function missingReplicas(
  line: CommandConnection<readonly string[]>,
  requests: readonly ScriptRequest[],
  needed: number,
): Promise<StoreError | undefined> {
  const left = requests.map(({ request: { notAfter, clock } }) => notAfter - clock.now());
  const patience = Math.max(LEAST, Math.round(Math.min(...left) * PART));
  try {
    const command = ["WAIT", String(needed), String(patience)];
    const count = Number(await sendFor(line, command, requests));
    if (count >= needed) return undefined;
    const detail = `${count} replicas have the lease after ${patience} ms, and minReplicas is ${needed}`;
    return perhaps("INCUMBENT_STORE_REFUSED", `Redis: ${detail}.`, detail);
  } catch (error) {
    const { code, message, detail } = storeErrorOf(error);
    return perhaps(code, message, detail);
  }
}

/** The script was carried out, whatever became of the question. */
function perhaps(code: StoreError["code"], message: string, detail: string): StoreError {
  return new StoreError(code, message, { applied: "maybe", detail });
}
