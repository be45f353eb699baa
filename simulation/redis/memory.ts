// The data of a simulated server. It is immutable, so that a snapshot costs nothing and an exploration can
// return to any earlier state.

/** The fields of a hash, as HGETALL shows them. */
export type Hash = Readonly<Record<string, string>>;

export type Value =
  | { readonly type: "hash"; readonly fields: Hash }
  /** A string. `expiresAt` is in ms of the server's clock. */
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

/** Removes the strings that have expired, which is how a lock of Redlock ends. */
export function expire(memory: Memory, micros: number): Memory {
  const now = millis(micros);
  const expired: string[] = [];
  for (const [key, value] of memory) {
    if (value.type !== "string" || value.expiresAt === undefined) continue;
    if (now > value.expiresAt) expired.push(key);
  }
  return expired.length === 0 ? memory : without(memory, expired);
}

/** The reply of PTTL: -2 without a key, -1 without an expiry. */
export function remainingMillis(memory: Memory, key: string, micros: number): number {
  const value = memory.get(key);
  if (value === undefined) return -2;
  if (value.type !== "string" || value.expiresAt === undefined) return -1;
  return value.expiresAt - millis(micros);
}

/** The server's clock in whole ms, as used for expiries. */
export function millis(micros: number): number {
  return Math.floor(micros / 1000);
}
