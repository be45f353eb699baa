import type { MysqlReply, Row } from "../../../src/stores/mysql/mysql-driver.ts";
import type { Memory } from "../memory.ts";

/** What the session has noted of the server, and when the tables were made. */
export interface Session {
  readonly session: string;
  readonly made: string;
}

/** What a look shows: one row at least, with what is known of the server. */
export function lookAt(
  { elections, fences }: Memory,
  keys: readonly string[],
  { session, made }: Session,
  now: number,
): MysqlReply {
  const server = { session, made, takes_writes: "1", now: String(now) };
  const rows = keys.flatMap((key): Row[] => {
    const row = elections.get(key);
    if (row === undefined) return [];
    const { nonce, node_id, metadata, run, ...numbers } = row;
    const texts = Object.entries(numbers).map(([name, value]) => [name, String(value)]);
    const fence = fences.get(key);
    return [
      {
        ...server,
        ...{ hex: hex(key), nonce, node: hex(node_id), metadata: hex(metadata), run },
        ...Object.fromEntries(texts),
        fence: fence === undefined ? null : String(fence),
      },
    ];
  });
  return { rows: rows.length > 0 ? rows : [{ ...server, hex: null }], affected: 0, insertId: 0 };
}

/** What those see who watch. */
export function watched({ elections }: Memory, keys: readonly string[]): MysqlReply {
  const rows = keys.flatMap((key): Row[] => {
    const row = elections.get(key);
    if (row === undefined) return [];
    const { nonce, token, node_id, metadata } = row;
    const digest = `${node_id} ${metadata}`;
    return [{ hex: hex(key), is_free: nonce === "" ? "1" : "0", token: String(token), digest }];
  });
  return { rows, affected: 0, insertId: 0 };
}

function hex(text: string): string {
  return Buffer.from(text, "utf8").toString("hex");
}
