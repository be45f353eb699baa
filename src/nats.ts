import { ClosingElector, divideOptions } from "./elector/closing-elector.ts";
import type { ElectorOptions } from "./elector/options.ts";
import { type NatsStoreOptions, natsOptionNames } from "./stores/nats/nats-options.ts";
import { type NatsConnectionOptions, natsPlace } from "./stores/nats/nats-servers.ts";
import { NatsStore } from "./stores/nats/nats-store.ts";
import { SharedStores } from "./stores/shared-stores.ts";

export type { NatsStoreOptions } from "./stores/nats/nats-options.ts";
export type { NatsConnectionOptions } from "./stores/nats/nats-servers.ts";
export { NatsStore } from "./stores/nats/nats-store.ts";

/** The options of the elector and of its store. */
export interface NatsElectorOptions extends ElectorOptions, NatsStoreOptions {}

const stores = new SharedStores();

/**
 * An elector on a bucket of NATS JetStream. All those that are made with the same URL or the same options of a
 * connection, and with the same options of the store, share one {@link NatsStore}, which connects when it is first
 * used. The last of them to stop closes it.
 *
 * @example
 * const elector = new NatsElector("nats://127.0.0.1:4222", "billing:scheduler", { ttl: 10_000 });
 * await elector.start();
 */
export class NatsElector extends ClosingElector {
  /**
   * @param connection A URL `nats://host:4222,host:4222`, or the options that `connect()` of
   * `@nats-io/transport-node` takes.
   * @param key Which election: 1 to 512 bytes that can all be seen.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` when
   * `@nats-io/transport-node` is not installed.
   */
  constructor(
    connection: NatsConnectionOptions | string,
    key: string,
    options: NatsElectorOptions = {},
  ) {
    const { store, elector } = divideOptions<NatsStoreOptions>(options, natsOptionNames);
    const { settings } = natsPlace(connection, store);
    super(
      stores.share([connection], settings, () => new NatsStore(connection, store)),
      key,
      elector,
    );
  }
}
