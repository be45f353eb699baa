import type { Memory, Value } from "../../../simulation/redis/memory.ts";

/** Type and content of each of the keys, one text each, whether it is simulated or real. */
export type ServerState = readonly string[];

export function stateOf(memory: Memory, keys: readonly string[]): ServerState {
  return keys.map((key) => shown(memory.get(key)));
}

function shown(value: Value | undefined): string {
  switch (value?.type) {
    case undefined:
      return "none";
    case "hash":
      return show("hash", sorted(Object.entries(value.fields)), false);
    case "string":
      return show("string", [value.text], value.expiresAt !== undefined);
    case "list":
      return show("list", value.items, false);
  }
}

/** For a real server: `KEYS` in, one `[type, expires, content…]` each out. */
export const stateScript = `
local state = {}
for i, key in ipairs(KEYS) do
  local kind = redis.call('TYPE', key).ok
  local content = {}
  if kind == 'hash' then content = redis.call('HGETALL', key) end
  if kind == 'string' then content = {redis.call('GET', key)} end
  if kind == 'list' then content = redis.call('LRANGE', key, 0, -1) end
  local expires = redis.call('PTTL', key) >= 0 and '1' or '0'
  state[i] = {kind, expires, unpack(content)}
end
return state
`;

export function parseState(reply: unknown): ServerState {
  // The script above answers in this form.
  return (reply as string[][]).map(([type = "", expires, ...content]) => {
    if (type === "none") return "none";
    return show(type, type === "hash" ? sorted(pairsOf(content)) : content, expires === "1");
  });
}

function show(type: string, content: readonly unknown[], expires: boolean): string {
  return `${type}${expires ? " that expires" : ""} ${JSON.stringify(content)}`;
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return flat.flatMap((field, index) =>
    index % 2 === 0 ? [[field, flat[index + 1] ?? ""] satisfies [string, string]] : [],
  );
}

/** Redis shows the fields of a hash in no order that it promises. */
function sorted(pairs: readonly (readonly [string, string])[]): unknown[] {
  return [...pairs].sort(([one], [other]) => (one < other ? -1 : 1));
}
