import { StoreError } from "../../errors.ts";
import type { QuorumNode } from "./quorum-node.ts";

/** Two names that lead to one server would give it two votes. Servers without a guard say nothing. */
export function rejectSameServer(nodes: readonly Pick<QuorumNode, "name" | "server">[]): void {
  const names = new Map<string, string>();
  for (const { name, server } of nodes) {
    const run = server.known?.run;
    if (run === undefined || run === "unguarded") continue;
    const other = names.get(run);
    names.set(run, name);
    if (other === undefined) continue;
    const message = `${other} and ${name} are the same Redis server, which would have two votes.`;
    throw new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied: "maybe" });
  }
}
