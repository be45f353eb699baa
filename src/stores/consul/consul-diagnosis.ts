import { type Check, error, note, ok, type Verdict } from "../diagnosis.ts";
import type { Examination } from "../lease-store.ts";
import { roundTrip } from "../server-checks.ts";
import { type ConsulAgent, contentOf } from "./consul-agent.ts";
import { refusedWith } from "./consul-errors.ts";

/** What is looked at in Consul. `probe`: a key of no election. */
export function consulChecks(agent: ConsulAgent, probe: string): Check[] {
  return [
    {
      name: "reachable",
      isVital: true,
      remedy: "Check host and port, and the token.",
      run: (examination) => roundTrip(examination, () => readProbe(agent, probe, examination)),
    },
    { name: "rights", run: (examination) => tryToWrite(agent, probe, examination) },
    { name: "servers", run: (examination) => serversOf(agent, examination) },
  ];
}

async function readProbe(agent: ConsulAgent, probe: string, examination: Examination) {
  const { status, text } = await agent.ask("GET", `kv/${probe}`, examination);
  // A token without the right to read gets no other answer than that there is nothing.
  if (status !== 200 && !(status === 404 && text === "")) throw refusedWith(status, text);
}

/** No key has the first index of all, so nothing is written. The right to do so is asked for all the same. */
async function tryToWrite(
  agent: ConsulAgent,
  probe: string,
  examination: Examination,
): Promise<Verdict[]> {
  const step = { Verb: "cas", Key: probe, Value: "", Index: 1 };
  const { status, text } = await agent.ask("PUT", "txn", examination, [{ KV: step }]);
  if (status !== 409 || !/index is stale/i.test(text)) throw refusedWith(status, text);
  return [ok("The elections may be written.")];
}

async function serversOf(agent: ConsulAgent, examination: Examination): Promise<Verdict[]> {
  const leader = await agent.ask("GET", "status/leader", examination);
  const peers = await agent.ask("GET", "status/peers", examination);
  if (leader.status !== 200 || peers.status !== 200) return [];
  if (contentOf(leader.text) === "") {
    return [
      error("Consul has no leader, and grants no lease.", "Bring a majority of its servers back."),
    ];
  }
  const { length } = contentOf(peers.text) as string[]; // As its documentation has it.
  if (length > 2) return [ok(`Consul has a leader, and ${length} servers.`)];
  const says = `Consul has ${length === 1 ? "1 server" : `${length} servers`}: if one is lost, no lease is granted.`;
  return [note(says, "Three servers survive the loss of one.")];
}
