import type { Elector } from "../../elector/elector.ts";
import { isIncumbentError } from "../../errors.ts";
import type { Examination, Finding, LeaseStore } from "../../stores/lease-store.ts";

/** Everything that the store says of itself, and the election if one is given. */
export async function* findingsOf(
  store: LeaseStore,
  election: Elector | undefined,
): AsyncGenerator<Finding, void, undefined> {
  let isUsable = true;
  if (store.diagnose === undefined) {
    const says = `A ${store.traits.name} store is within this process, so there is nothing to check.`;
    yield { check: "store", level: "ok", says };
  } else {
    for await (const finding of store.diagnose(thorough())) {
      if (finding.check === "reachable" && finding.level === "error") isUsable = false;
      yield finding;
    }
  }
  if (isUsable && election !== undefined) yield await look(election);
}

/** Whether something is, or will be, wrong. */
export function isHarmful({ level }: Finding): boolean {
  return level === "warning" || level === "error";
}

function thorough(): Examination {
  return {
    clock: { now: () => performance.now() },
    wallClock: () => Date.now(),
    signal: new AbortController().signal,
    timer: (delay, fire) => {
      const timer = setTimeout(fire, delay);
      return () => clearTimeout(timer);
    },
    isBrief: false,
  };
}

/** Also finds a key that holds something else. */
async function look(election: Elector): Promise<Finding> {
  const check = "election";
  const key = JSON.stringify(election.key);
  try {
    const leader = await election.leader();
    if (leader?.expiresIn === Number.POSITIVE_INFINITY) {
      const says = `${key} holds a lock without expiry: no process can be elected until it is deleted.`;
      return { check, level: "error", says, remedy: "Delete it if no process holds it." };
    }
    const says = leader === undefined ? "has no leader" : `is led by ${leader.nodeId}`;
    return { check, level: "ok", says: `${key} ${says}.` };
  } catch (error) {
    const says = `${key} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { check, level: "error", says: endedBy(says), remedy: remedyOf(error) };
  }
}

function remedyOf(error: unknown): string | undefined {
  if (!isIncumbentError(error)) return undefined;
  switch (error.code) {
    case "INCUMBENT_KEY_OCCUPIED":
      return "Use another KEY, or remove what is there.";
    case "INCUMBENT_STORE_MISCONFIGURED":
      return "Grant the rights that elections need at this key, or correct the options of the store.";
    case "INCUMBENT_STORE_REFUSED":
      return "Check the state of the server, and try again.";
    default:
      return undefined;
  }
}

function endedBy(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
