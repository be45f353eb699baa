import { asStoreError } from "../../errors.ts";
import type { RedisNode } from "../redis/redis-node.ts";
import type { Answer } from "./majority.ts";
import type { QuorumNode } from "./quorum-node.ts";

/** What a request has in common with all others. */
export interface Question {
  readonly signal: AbortSignal;
  /** Of the attempt that it belongs to. */
  readonly nonce?: string;
}

/**
 * Asks all servers at once. `decide` looks at what they have answered so far, after each answer, and the
 * first outcome that it gives stands: the others are not waited for. It must give one, or throw, when all
 * have answered, or its signal was aborted.
 */
export function askServers<Reply, Outcome>(
  nodes: readonly QuorumNode[],
  { signal, nonce }: Question,
  send: (server: RedisNode, signal: AbortSignal, index: number) => Promise<Reply>,
  decide: (answers: readonly Answer<Reply>[]) => Outcome | undefined,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const heard = new Map<QuorumNode, Answer<Reply>>();
    const owing = new Map<QuorumNode, () => void>();
    // One listener for all of them: Node.js warns of more than ten on one signal.
    const asked = new Map(nodes.map((node) => [node, new AbortController()]));
    const abort = () => {
      for (const controller of asked.values()) controller.abort(signal.reason);
    };
    let decided = false;

    const hear = (node: QuorumNode, answer: Answer<Reply>) => {
      heard.set(node, answer);
      owing.get(node)?.();
      owing.delete(node);
      if (owing.size === 0) signal.removeEventListener("abort", abort);
      if (decided) return;
      try {
        const outcome = decide(
          nodes.map((each) => heard.get(each) ?? { state: "silent", behind: each.isBehind }),
        );
        if (outcome === undefined) return;
        resolve(outcome);
      } catch (error) {
        reject(error);
      }
      decided = true;
      for (const [other] of owing) owing.set(other, other.fallBehind());
    };

    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    for (const [index, [node, controller]] of [...asked].entries()) {
      owing.set(node, () => {});
      node
        .ask(controller, nonce, (server) => send(server, controller.signal, index))
        .then(
          (reply) => hear(node, { state: "said", reply }),
          (error: unknown) => hear(node, { state: "failed", error: asStoreError(error) }),
        );
    }
  });
}
