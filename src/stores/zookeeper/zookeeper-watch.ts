import type { Cell } from "../observed/register.ts";
import type { WatchAttempt } from "../registers/persistent-watch.ts";
import { cellOf } from "./zookeeper-cell.ts";
import { catchUp, readNode } from "./zookeeper-nodes.ts";
import type { ZookeeperSession } from "./zookeeper-session.ts";

/** How long it may take to begin, in ms. A server without a leader answers, but not to what needs one. */
const BEGINS_WITHIN = 4000;

/** Reports a node and its changes. A watch of ZooKeeper fires once, so each look leaves another one behind. */
export async function followNode(
  session: ZookeeperSession,
  path: string,
  attempt: WatchAttempt<Cell>,
): Promise<void> {
  if (attempt.signal.aborted) return;
  const look = async () => attempt.report(cellOf(path, await readNode(session, path, true)));
  const unlisten = session.listen(path, {
    onChange: () => void look().catch(attempt.fail),
    onLost: attempt.fail,
  });
  attempt.signal.addEventListener("abort", unlisten);
  attempt.expectSign(BEGINS_WITHIN);
  await Promise.all([catchUp(session, path), look()]);
  attempt.expectSign();
}
