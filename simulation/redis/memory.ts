// What a simulated server remembers. Immutable, so that a snapshot costs nothing and an exploration can
// go back to any earlier moment.

/** Field by field, as HGETALL shows it. */
export type Hash = Readonly<Record<string, string>>;

export type Value =
  | { readonly type: "hash"; readonly fields: Hash }
  /** `expiresAt` in ms of the server's clock. */
  | { readonly type: "string"; readonly text: string; readonly expiresAt: number | undefined }
  | { readonly type: "list"; readonly items: readonly string[] };

export type Memory = ReadonlyMap<string, Value>;

export const emptyMemory: Memory = new Map();

export function withValue(memory: Memory, key: string, value: Value): Memory {
  return new Map(memory).set(key, value);
}

export function without(memory: Memory, keys: readonly string[]): Memory {
  const rest = new Map(memory);
  for (const key of keys) rest.delete(key);
  return rest;
}

/** The memory without the strings that have expired; a lock of Redlock ends by that. */
export function expire(memory: Memory, micros: number): Memory {
  const now = millis(micros);
  const expired: string[] = [];
  for (const [key, value] of memory) {
    if (value.type !== "string" || value.expiresAt === undefined) continue;
    if (now > value.expiresAt) expired.push(key);
  }
  return expired.length === 0 ? memory : without(memory, expired);
}

/** What PTTL says: -2 without a key, -1 without an expiry. */
export function remainingMillis(memory: Memory, key: string, micros: number): number {
  const value = memory.get(key);
  if (value === undefined) return -2;
  if (value.type !== "string" || value.expiresAt === undefined) return -1;
  return value.expiresAt - millis(micros);
}

/** Expiries are in whole milliseconds of the server's clock. */
export function millis(micros: number): number {
  return Math.floor(micros / 1000);
}
