/** The path of `/path?query`, or of the whole URL that a proxy sends. `//x` is a path, not a host. */
export function pathOf(target: string): string | undefined {
  return pathAndQueryOf(target)?.split("?", 1)[0];
}

/** The path and the query of the same. */
export function pathAndQueryOf(target: string): string | undefined {
  if (target.startsWith("/")) return target;
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return undefined;
  const { pathname, search } = new URL(target);
  return pathname + search;
}
