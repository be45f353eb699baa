/** The key of the lock beside the election of this key: `*` in `alsoLock` stands for it. */
export function lockKeyOf(alsoLock: string, key: string): string {
  return alsoLock.split("*").join(key);
}
