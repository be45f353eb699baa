import { askJetStream, deleteBucket } from "../../stores/nats/bucket.ts";
import { type NatsServer, startNats } from "../../support/nats-server.ts";
import { candidateFaults } from "../candidate-faults.ts";
import type { ChaosStore } from "../chaos-store.ts";
import { type Fault, faultsOf } from "../fault.ts";
import { networkFaults } from "../network-faults.ts";
import { SingleServer, singleServerFaults } from "../single-server.ts";

class NatsServers extends SingleServer<NatsServer> {
  address(_client: string, port: number | undefined): object {
    return { kind: "nats", url: `nats://127.0.0.1:${port}` };
  }
}

const server = faultsOf(NatsServers);

const serverFaults: readonly Fault[] = [
  server(
    "bucket deleted",
    () =>
      ({ port }) =>
        deleteBucket(`nats://127.0.0.1:${port}`),
  ),
  server(
    "bucket purged",
    () =>
      ({ port }) =>
        askJetStream(`nats://127.0.0.1:${port}`, "STREAM.PURGE.KV_incumbent"),
  ),
];

export const nats: ChaosStore = {
  clients: ["url", "url", "url", "url", "url"],
  faults: [...candidateFaults, ...networkFaults, ...singleServerFaults, ...serverFaults],
  hasGuard: true,
  start: async () => new NatsServers(await startNats()),
};
