import { once } from "node:events";

const MICROS = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

const FREE = `(nonce = '' OR ends_at <= ${MICROS})`;

const statements = {
  acquire: `UPDATE bare SET nonce = $2, token = token + 1, ends_at = ${MICROS} + 3600000000
    WHERE key = $1 AND ${FREE} RETURNING token`,
  renew: `UPDATE bare SET ends_at = ${MICROS} + 3600000000
    WHERE key = $1 AND nonce = $2 AND ${MICROS} < ends_at`,
  renewMany: `UPDATE bare SET ends_at = ${MICROS} + 3600000000
    WHERE key = ANY($1) AND nonce = $2 AND ${MICROS} < ends_at`,
  release: `WITH freed AS (UPDATE bare SET nonce = '', ends_at = 0 WHERE key = $1 AND nonce = $2 RETURNING key)
    SELECT pg_notify('bare', key) FROM freed`,
};

/** The least that a lease by the server's clock, a token and a notification cost. */
export async function byHandOnPostgres(connect, keys) {
  const [leader, listener, follower] = [await connect(), await connect(), await connect()];
  await listener.query("LISTEN bare");
  await leader.query(
    "CREATE TABLE bare (key text PRIMARY KEY, nonce text NOT NULL, token bigint NOT NULL, ends_at bigint NOT NULL)",
  );
  await leader.query("INSERT INTO bare SELECT unnest($1::text[]), '', 0, 0", [keys]);
  const ask = (client, name, key) =>
    client.query({ name, text: statements[name], values: [key, "me"] });
  for (const key of keys) await ask(leader, "acquire", key);
  return {
    name: "by hand",
    use: "A table, and one statement each, which the server has planned before. No guard against a server that has forgotten, no not-after, no events.",
    acquire: () => ask(leader, "acquire", keys[0]),
    renew: () => ask(leader, "renew", keys[0]),
    release: () => ask(leader, "release", keys[0]),
    renewMany: (some) => ask(leader, "renewMany", some),
    handOver: async () => {
      const begun = performance.now();
      const heard = once(listener, "notification");
      void ask(leader, "release", keys[0]);
      await heard;
      await ask(follower, "acquire", keys[0]);
      return performance.now() - begun;
    },
  };
}
