import type { Hint } from "../lease-store.ts";
import { ObservedStore } from "../observed/observed-store.ts";
import { type ObservedTime, realTime } from "../observed/observed-time.ts";
import type { Wait } from "../observed/register.ts";
import type { ZookeeperStoreOptions } from "./zookeeper-options.ts";
import { ZookeeperRegister } from "./zookeeper-register.ts";
import { ZookeeperServers } from "./zookeeper-servers.ts";
import { zookeeperSettings } from "./zookeeper-settings.ts";

/**
 * Leases in ZooKeeper 3.5 or later. It needs no client library. Its connection is its own, and stays open until
 * `close()`.
 *
 * @example
 * const store = new ZookeeperStore("zookeeper://10.0.0.1,10.0.0.2,10.0.0.3");
 * const elector = new Elector(store, "billing:scheduler", { ttl: 10_000 });
 * await elector.start();
 */
export class ZookeeperStore extends ObservedStore {
  declare readonly keys: (wait: Wait) => Promise<string[]>;
  declare readonly watch: (key: string, onHint: (hint: Hint) => void) => () => void;

  /**
   * @param url `zookeeper://host:2181,host:2181/chroot`, the servers of one ensemble. Each of the store's own options
   * may be a parameter of it.
   * @param time is for tests of this package.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`.
   */
  constructor(url: string, options: ZookeeperStoreOptions = {}, time: ObservedTime = realTime) {
    const settings = zookeeperSettings(url, options);
    const register = new ZookeeperRegister(new ZookeeperServers(settings));
    const traits = { name: "zookeeper", exclusion: "strict", tokens: "clock" } as const;
    super(register, { traits, restartGuard: settings.restartGuard }, time);
  }
}
