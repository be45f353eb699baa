import { type Check, error, ok, type Verdict } from "../diagnosis.ts";
import type { Examination } from "../lease-store.ts";
import { roundTrip } from "../server-checks.ts";
import { refusalOf, rightsIn } from "./kubernetes-errors.ts";
import type { KubernetesRequests } from "./kubernetes-requests.ts";

/** What a candidate does with Leases. */
const VERBS = ["get", "create", "update", "list", "watch"] as const;

/** A review of one's own rights, as Kubernetes makes it. It is kept nowhere. */
const REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/** What is looked at in a namespace. */
export function kubernetesChecks(requests: KubernetesRequests): Check[] {
  return [
    {
      name: "reachable",
      isVital: true,
      remedy: "Check the kubeconfig or the service account.",
      run: (examination) => roundTrip(examination, () => version(requests, examination)),
    },
    {
      name: "version",
      run: async (examination) => [ok(`Kubernetes ${await version(requests, examination)}.`)],
    },
    { name: "namespace", run: (examination) => namespaceOf(requests, examination) },
    { name: "rights", run: (examination) => rightsOf(requests, examination) },
  ];
}

async function version(requests: KubernetesRequests, examination: Examination): Promise<string> {
  const reply = await requests.ask("/version", undefined, examination);
  const { namespace } = requests;
  // Some clusters show it to administrators only.
  if (reply.status === 403) return "of unknown version";
  if (reply.status !== 200) throw refusalOf(reply, { verb: "get", namespace });
  const { gitVersion = "of unknown version" } = JSON.parse(reply.text) as { gitVersion?: string }; // As the API server writes it.
  return gitVersion;
}

/** Many who may use a namespace may not look at it. */
async function namespaceOf(
  requests: KubernetesRequests,
  examination: Examination,
): Promise<Verdict[]> {
  const { namespace } = requests;
  const { status } = await requests.ask(`/api/v1/namespaces/${namespace}`, undefined, examination);
  if (status === 200) return [ok(`The namespace "${namespace}" exists.`)];
  if (status !== 404) return [];
  const remedy = "Create it, or name another one in the URL: kubernetes:NAMESPACE.";
  return [error(`There is no namespace "${namespace}".`, remedy)];
}

async function rightsOf(
  requests: KubernetesRequests,
  examination: Examination,
): Promise<Verdict[]> {
  const { namespace } = requests;
  const denied: string[] = [];
  for (const verb of VERBS) {
    const resourceAttributes = {
      namespace,
      verb,
      group: "coordination.k8s.io",
      resource: "leases",
    };
    const reply = await requests.ask(REVIEW, { spec: { resourceAttributes } }, examination);
    // A user who may not even ask, or a server that has no such question.
    if (reply.status !== 201 && reply.status !== 200) return [];
    const { status } = JSON.parse(reply.text) as { status?: { allowed?: boolean } }; // As the API server writes it.
    if (status?.allowed !== true) denied.push(verb);
  }
  if (denied.length === 0) return [ok(`All that elections need is allowed in "${namespace}".`)];
  const says = `This user may not ${denied.join(", ")} Leases in the namespace "${namespace}".`;
  return [error(says, `Bind a Role with these rules: [${rightsIn}].`)];
}
