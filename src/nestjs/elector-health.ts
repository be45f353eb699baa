import type { Elector } from "../elector/elector.ts";
import type { ElectorRole } from "../elector/status.ts";
import { readiness } from "../http/readiness.ts";

/** What `@nestjs/terminus` takes for a result. */
export type ElectorHealthResult<Key extends string> = Record<
  Key,
  { readonly status: "up" | "down"; readonly role: ElectorRole; readonly leader: string | null }
>;

/**
 * A health indicator for `@nestjs/terminus` 11 and later: `up` while the elector's requests reach the store, whether or
 * not this process leads. It costs no request.
 *
 * @example
 * class HealthController {
 *   constructor(private readonly health: HealthCheckService, private readonly elector: ElectorHealth) {}
 *
 *   @Get()
 *   @HealthCheck()
 *   check() {
 *     return this.health.check([() => this.elector.isHealthy("election")]);
 *   }
 * }
 */
export class ElectorHealth {
  readonly #elector: Elector;
  readonly #isReady: () => boolean;

  /** {@link IncumbentModule} makes one for its elector. Make others if there are several elections. */
  constructor(elector: Elector) {
    this.#elector = elector;
    this.#isReady = readiness(elector);
  }

  /** The result under `key`: whether the store answers, this process's role, and the leader that it knows. */
  isHealthy<Key extends string>(key: Key): ElectorHealthResult<Key> {
    const { role, leader } = this.#elector.status;
    const status = this.#isReady() ? "up" : "down";
    const result = { [key]: { status, role, leader: leader?.nodeId ?? null } };
    return result as ElectorHealthResult<Key>; // A computed name is of type string.
  }
}
