import { asStoreError } from "../../errors.ts";
import { type Check, error, ok, type Verdict, warning } from "../diagnosis.ts";
import { roundTrip } from "../server-checks.ts";
import type { EtcdMembers, MemberAnswer } from "./etcd-members.ts";

/** What a member says of itself. What is 0 or empty is left out. */
interface Status {
  readonly version?: string;
  /** Which member leads the cluster. */
  readonly leader?: string;
  /** Alarms. */
  readonly errors?: readonly string[];
  readonly isLearner?: boolean;
}

/** What is looked at in a cluster. `probe`: a key of no election, as etcd takes it. */
export function etcdChecks(members: EtcdMembers, probe: string): Check[] {
  return [
    {
      name: "reachable",
      isVital: true,
      remedy: "Check host, port, user, password and TLS.",
      run: (examination) =>
        roundTrip(examination, () => members.call("kv/range", { key: probe }, examination)),
    },
    {
      name: "rights",
      run: async (examination) => {
        // No key has a version below 0, so nothing is put. The right to do so is asked for all the same.
        const compare = [{ key: probe, target: "VERSION", result: "LESS", version: "0" }];
        const success = [{ request_put: { key: probe, value: "" } }];
        await members.call("kv/txn", { compare, success }, examination);
        return [ok("The elections may be read and written.")];
      },
    },
    {
      name: "members",
      run: async (examination) => {
        const answers = await members.askEach("maintenance/status", {}, examination);
        return answers.map(verdictOf);
      },
    },
  ];
}

function verdictOf({ endpoint, answer }: MemberAnswer): Verdict {
  if (answer.status === "rejected") {
    const { message } = asStoreError(answer.reason);
    // So does etcd since 3.5 if it has logins: whether it can serve elections, the checks before have found out.
    if (/permission denied/.test(message))
      return ok(`${endpoint} answers. It shows its status to the root user only.`);
    return warning(
      `${endpoint} does not answer: ${message}`,
      "Repair it, or leave it out of the URL.",
    );
  }
  const {
    version = "unknown",
    leader = "0",
    errors = [],
    isLearner = false,
  } = answer.value as Status; // As etcd documents it.
  if (leader === "0") {
    return error(
      `${endpoint} has no connection to a majority of the cluster.`,
      "Repair the others.",
    );
  }
  if (errors.length > 0) {
    const says = `${endpoint} raises an alarm (${errors.join(", ")}), in which etcd refuses writes.`;
    return error(says, "Compact and defragment, then run: etcdctl alarm disarm.");
  }
  if (isLearner) return error(`${endpoint} is a learner, which takes no writes.`, "Name others.");
  return ok(`${endpoint} is etcd ${version}, and knows the leader of the cluster.`);
}
