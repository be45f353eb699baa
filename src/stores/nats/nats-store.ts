import type { Hint } from "../lease-store.ts";
import { ObservedStore } from "../observed/observed-store.ts";
import { type ObservedTime, realTime } from "../observed/observed-time.ts";
import type { Wait } from "../observed/register.ts";
import type { NatsCell } from "./nats-cell.ts";
import { NatsConnection } from "./nats-connection.ts";
import type { NatsStoreOptions } from "./nats-options.ts";
import { NatsRegister } from "./nats-register.ts";
import { type NatsConnectionOptions, natsPlace } from "./nats-servers.ts";

/**
 * Leases in a key-value bucket of NATS JetStream, 2.9 or later. Its connection is its own, and stays open until
 * `close()`.
 *
 * @example
 * const store = new NatsStore("nats://127.0.0.1:4222");
 * const elector = new Elector(store, "billing:scheduler", { ttl: 10_000 });
 * await elector.start();
 */
export class NatsStore extends ObservedStore<NatsCell> {
  declare readonly keys: (wait: Wait) => Promise<string[]>;
  declare readonly watch: (key: string, onHint: (hint: Hint) => void) => () => void;

  /**
   * @param connection A URL `nats://host:4222,host:4222`, or the options that `connect()` of
   * `@nats-io/transport-node` takes. Each of the store's own options may be a parameter of the URL.
   * @param time is for tests of this package.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` when
   * `@nats-io/transport-node` is not installed.
   */
  constructor(
    connection: NatsConnectionOptions | string,
    options: NatsStoreOptions = {},
    time: ObservedTime = realTime,
  ) {
    const { settings, ...place } = natsPlace(connection, options);
    const exclusion = settings.replicas === 1 ? "strict" : "advisory";
    super(
      new NatsRegister(new NatsConnection(place.connection, settings, time)),
      {
        traits: { name: "nats", exclusion, tokens: "clock" },
        restartGuard: settings.restartGuard,
      },
      time,
    );
  }
}
