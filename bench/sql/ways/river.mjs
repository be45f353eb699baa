import { once } from "node:events";

const TTL = "3600 s";

const statements = {
  expire: "DELETE FROM river_leader WHERE name = $1 AND expires_at < now()",
  elect: `INSERT INTO river_leader (name, leader_id, elected_at, expires_at)
    VALUES ($1, $2, now(), now() + '${TTL}') ON CONFLICT (name) DO NOTHING`,
  reelect: `INSERT INTO river_leader (name, leader_id, elected_at, expires_at)
    VALUES ($1, $2, now(), now() + '${TTL}')
    ON CONFLICT (name) DO UPDATE SET expires_at = now() + '${TTL}' WHERE river_leader.leader_id = $2`,
  resign: `WITH held AS (SELECT name FROM river_leader WHERE name = $1 AND leader_id = $2 FOR UPDATE),
    notified AS (SELECT pg_notify('river', name), name FROM held)
    DELETE FROM river_leader USING notified WHERE river_leader.name = notified.name`,
};

/** The statements of River, on its table, which is unlogged: it is empty after a crash of the server. */
export async function asRiver(connect, keys) {
  const [leader, listener, follower] = [await connect(), await connect(), await connect()];
  await listener.query("LISTEN river");
  await leader.query(`CREATE UNLOGGED TABLE river_leader (
    elected_at timestamptz NOT NULL, expires_at timestamptz NOT NULL, leader_id text NOT NULL, name text PRIMARY KEY)`);
  const ask = (client, name, key) => {
    const values = name === "expire" ? [key] : [key, "me"];
    return client.query({ name, text: statements[name], values });
  };
  const elect = async (client) => {
    await ask(client, "expire", keys[0]);
    await ask(client, "elect", keys[0]);
  };
  for (const key of keys) await ask(leader, "elect", key);
  return {
    name: "River",
    use: "Its statements, on an unlogged table: nothing is waited for to reach the disk, and a crash of the server empties it. No token.",
    acquire: () => elect(leader),
    renew: () => ask(leader, "reelect", keys[0]),
    release: () => ask(leader, "resign", keys[0]),
    renewMany: async (some) => {
      for (const key of some) await ask(leader, "reelect", key);
    },
    handOver: async () => {
      const begun = performance.now();
      const heard = once(listener, "notification");
      void ask(leader, "resign", keys[0]);
      await heard;
      await elect(follower);
      return performance.now() - begun;
    },
  };
}
