/** As in @platformatic/leader: a lock of the session, which is asked for again at each poll. */
export async function byAdvisoryLock(connect) {
  const [leader, follower] = [await connect(), await connect()];
  const ask = (client, text, id) => client.query({ name: text, text, values: [id] });
  const lock = (client, id) => ask(client, "SELECT pg_try_advisory_lock($1)", id);
  // It is taken once more at each poll, and given back as often only by this.
  const unlock = (client) => client.query({ name: "all", text: "SELECT pg_advisory_unlock_all()" });
  return {
    name: "advisory lock",
    use: "`pg_try_advisory_lock` as in @platformatic/leader. It writes nothing: no lease, no token. That package tries every 10 s; here the follower tries at once.",
    acquire: () => lock(leader, 0),
    renew: () => lock(leader, 0),
    release: () => unlock(leader),
    renewMany: async (keys) => {
      for (const index of keys.keys()) await lock(leader, index);
    },
    handOver: async () => {
      const begun = performance.now();
      await unlock(leader);
      await lock(follower, 0);
      const took = performance.now() - begun;
      await unlock(follower);
      return took;
    },
  };
}
