/** Runs the job again and again while this process leads. */
export async function startScheduler(elector, { every, job }) {
  let timer;
  elector.onLeadershipChange((isLeader, term) => {
    clearInterval(timer);
    timer = isLeader ? setInterval(() => job(term.token), every) : undefined;
  });
  await elector.start();
  return {
    get isRunning() {
      return timer !== undefined;
    },
  };
}
