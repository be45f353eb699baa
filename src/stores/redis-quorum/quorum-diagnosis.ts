import { error, note, ok, type Verdict } from "../diagnosis.ts";
import type { Examination, Finding } from "../lease-store.ts";
import { majorityOf } from "./majority.ts";
import type { QuorumNode } from "./quorum-node.ts";

/** Looks at all servers at once, and yields what it finds of each in their order, and of all of them at the end. */
export async function* diagnoseServers(
  nodes: readonly QuorumNode[],
  examination: Examination,
): AsyncGenerator<Finding, void, undefined> {
  const lists = nodes.map(({ server, name }) => listOf(server.diagnose(examination, name)));
  let voting = 0;
  for (const list of lists) {
    const findings = await list;
    yield* findings;
    if (!findings.some(({ level }) => level === "error")) voting += 1;
  }
  if (!examination.isBrief && !examination.signal.aborted)
    yield { check: "majority", ...majorityIn(voting, nodes.length) };
}

async function listOf(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const list: Finding[] = [];
  for await (const finding of findings) list.push(finding);
  return list;
}

/** `voting`: how many servers can grant a lease. */
function majorityIn(voting: number, all: number): Verdict {
  const majority = majorityOf(all);
  const state = `${voting} of ${all} servers can vote, and ${majority} are needed`;
  if (voting < majority) return error(`${state}: no process can be elected.`, "Repair the others.");
  const spare = voting - majority;
  const loss = spare === 0 ? "no further loss" : `the loss of ${spare} more`;
  const says = `${state}: elections survive ${loss}.`;
  if (voting < all) return note(says, "Repair the others.");
  if (all % 2 === 0) return note(says, `${all - 1} servers survive as many losses.`);
  return ok(says);
}
