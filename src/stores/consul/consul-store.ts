import type { Hint } from "../lease-store.ts";
import { ObservedStore } from "../observed/observed-store.ts";
import { type ObservedTime, realTime } from "../observed/observed-time.ts";
import type { Wait } from "../observed/register.ts";
import { ConsulAgent } from "./consul-agent.ts";
import type { ConsulCell } from "./consul-cell.ts";
import { type ConsulStoreOptions, consulSettings } from "./consul-options.ts";
import { ConsulRegister } from "./consul-register.ts";

/**
 * Leases in the key-value store of Consul, reached by HTTP. Its connections are its own, and stay open until `close()`.
 *
 * @example
 * const store = new ConsulStore("consul://127.0.0.1:8500");
 * const elector = new Elector(store, "billing:scheduler", { ttl: 10_000 });
 * await elector.start();
 */
export class ConsulStore extends ObservedStore<ConsulCell> {
  declare readonly keys: (wait: Wait) => Promise<string[]>;
  declare readonly watch: (key: string, onHint: (hint: Hint) => void) => () => void;

  /**
   * @param url `consul://host:8500`, an agent. Each of the store's own options may be a parameter of it.
   * @param time is for tests of this package.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`.
   */
  constructor(url: string, options: ConsulStoreOptions = {}, time: ObservedTime = realTime) {
    const settings = consulSettings(url, options);
    const register = new ConsulRegister(new ConsulAgent(settings), settings.prefix);
    const traits = { name: "consul", exclusion: "strict", tokens: "clock" } as const;
    super(register, { traits, restartGuard: settings.restartGuard }, time);
  }
}
