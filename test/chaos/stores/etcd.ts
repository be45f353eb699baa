import { type EtcdServer, startEtcd } from "../../support/etcd-server.ts";
import { candidateFaults } from "../candidate-faults.ts";
import type { ChaosStore } from "../chaos-store.ts";
import { type Fault, faultsOf } from "../fault.ts";
import { networkFaults } from "../network-faults.ts";
import { SingleServer, singleServerFaults } from "../single-server.ts";

class EtcdServers extends SingleServer<EtcdServer> {
  address(_client: string, port: number | undefined): object {
    return { kind: "etcd", url: `etcd://127.0.0.1:${port}` };
  }
}

const server = faultsOf(EtcdServers);

const serverFaults: readonly Fault[] = [
  // One that watches from an earlier revision has missed something.
  server("compaction", () => async ({ server: own }) => {
    const status = await own.control("endpoint", "status", "--write-out=json");
    const [, revision] = /"revision":(\d+)/.exec(status) ?? [];
    await own.control("compaction", String(revision));
  }),
  server(
    "defragmentation",
    () =>
      ({ server: own }) =>
        own.control("defrag"),
  ),
];

export const etcd: ChaosStore = {
  clients: ["url", "url", "url", "url", "url"],
  faults: [...candidateFaults, ...networkFaults, ...singleServerFaults, ...serverFaults],
  hasGuard: true,
  start: async () => {
    const [only] = await startEtcd();
    if (only === undefined) throw new Error("etcd has no member");
    return new EtcdServers(only);
  },
};
