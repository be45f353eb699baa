import { startZookeeper, type ZookeeperServer } from "../../support/zookeeper-server.ts";
import { candidateFaults } from "../candidate-faults.ts";
import type { ChaosStore } from "../chaos-store.ts";
import { type Fault, faultsOf } from "../fault.ts";
import { networkFaults } from "../network-faults.ts";
import { SingleServer, singleServerFaults } from "../single-server.ts";

class ZookeeperServers extends SingleServer<ZookeeperServer> {
  address(_client: string, port: number | undefined): object {
    return { kind: "zookeeper", url: `zookeeper://127.0.0.1:${port}` };
  }
}

const server = faultsOf(ZookeeperServers);

const serverFaults: readonly Fault[] = [
  server("restart, empty", () => (servers) => servers.restart(() => servers.server.forget())),
];

export const zookeeper: ChaosStore = {
  clients: ["url", "url", "url", "url", "url"],
  faults: [...candidateFaults, ...networkFaults, ...singleServerFaults, ...serverFaults],
  hasGuard: true,
  start: async () => new ZookeeperServers(await startZookeeper()),
};
