/** Makes a job that runs only on the leader, and that the next leader does not run at the same time, or again. */
export function leaderOnly(elector, job) {
  let running;
  elector.onLeadershipChange((isLeader) => (isLeader ? undefined : running)); // The lease is kept until it has ended.
  return () => {
    const { term } = elector; // Asked at each run: this is right also after a pause.
    const occasion = Math.floor(Date.now() / 1000) * 1000;
    if (term === undefined || occasion < term.since) return; // It was the occasion of another leader.
    running = job(term);
    return running;
  };
}
