import { asStoreError } from "../../errors.ts";
import type { RedisServer } from "../redis/redis-server.ts";
import type { Answer } from "./majority.ts";
import type { Question, QuorumNode } from "./quorum-node.ts";

/**
 * Asks all servers at once. `decide` looks at what they have answered so far, after each answer, and the
 * first outcome that it gives stands: nobody waits for the others. It must give one, or throw, when all
 * have answered, or its signal was aborted.
 */
export function canvass<Reply, Outcome>(
  nodes: readonly QuorumNode[],
  question: Question,
  send: (server: RedisServer, signal: AbortSignal, index: number) => Promise<Reply>,
  decide: (answers: readonly Answer<Reply>[]) => Outcome | undefined,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const heard = new Map<QuorumNode, Answer<Reply>>();
    const owing = new Map<QuorumNode, () => void>();
    let decided = false;

    const hear = (node: QuorumNode, answer: Answer<Reply>) => {
      heard.set(node, answer);
      owing.get(node)?.();
      owing.delete(node);
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

    for (const [index, node] of nodes.entries()) {
      owing.set(node, () => {});
      node
        .ask(question, (server, signal) => send(server, signal, index))
        .then(
          (reply) => hear(node, { state: "said", reply }),
          (error: unknown) => hear(node, { state: "failed", error: asStoreError(error) }),
        );
    }
  });
}
