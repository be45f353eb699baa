/**
 * An election from a lock that runs a routine while it holds: the loop that its users write. `using` takes the
 * routine, which ends when its signal is aborted.
 */
export function campaignByUsing(using, { gained, lost }) {
  let isStopped = false;
  let held;
  let end = () => {};

  const hold = async (signal) => {
    if (isStopped) return;
    held = signal;
    gained();
    await new Promise((resolve) => {
      end = resolve;
      signal.addEventListener("abort", resolve);
    });
    held = undefined;
    lost();
  };
  const campaign = async () => {
    while (!isStopped) await using(hold).catch(() => {});
  };
  let running = campaign();

  return {
    isLeader: () => held !== undefined && !held.aborted,
    stop: async () => {
      isStopped = true;
      end();
      await running;
      running = undefined;
    },
  };
}
