const MICROS = "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)";

const LOCK = "incumbent-bench";

const statements = {
  acquire: `UPDATE bare SET nonce = ?, token = LAST_INSERT_ID(token + 1), ends_at = ${MICROS} + 3600000000
    WHERE id IN (?) AND (nonce = '' OR ends_at <= ${MICROS})`,
  renew: `UPDATE bare SET nonce = ?, ends_at = ${MICROS} + 3600000000
    WHERE id IN (?) AND ${MICROS} < ends_at`,
  release: "UPDATE bare SET nonce = ?, ends_at = 0 WHERE id IN (?)",
};

/** The least that a lease by the server's clock and a token cost. A follower waits for a lock that rings. */
export async function byHandOnMariadb(connect, keys) {
  const [leader, follower] = [await connect(), await connect()];
  await leader.query(
    "CREATE TABLE bare (id VARBINARY(512) PRIMARY KEY, nonce VARCHAR(32) NOT NULL, token BIGINT NOT NULL, ends_at BIGINT NOT NULL)",
  );
  await leader.query("INSERT INTO bare VALUES ?", [keys.map((key) => [key, "", 0, 0])]);
  const ask = (client, name, some) =>
    client.query(statements[name], [name === "release" ? "" : "me", some]);
  await ask(leader, "acquire", keys);
  return {
    name: "by hand",
    use: "A table, and one statement each. At a hand-over, the follower waits in `GET_LOCK`, which the leader releases. No guard, no not-after, no events.",
    acquire: () => ask(leader, "acquire", [keys[0]]),
    renew: () => ask(leader, "renew", [keys[0]]),
    release: () => ask(leader, "release", [keys[0]]),
    renewMany: (some) => ask(leader, "renew", some),
    handOver: async () => {
      await leader.query("SELECT GET_LOCK(?, 10)", [LOCK]);
      const rung = follower.query("SELECT GET_LOCK(?, 10)", [LOCK]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      const begun = performance.now();
      await ask(leader, "release", [keys[0]]);
      void leader.query("SELECT RELEASE_LOCK(?)", [LOCK]);
      await rung;
      await ask(follower, "acquire", [keys[0]]);
      const took = performance.now() - begun;
      await follower.query("SELECT RELEASE_LOCK(?)", [LOCK]);
      return took;
    },
  };
}
