import type { Timer } from "../connections/timer.ts";
import type { Check } from "../diagnosis.ts";
import type {
  CellListener,
  ObservedRecord,
  Register,
  Wait,
  Written,
} from "../observed/register.ts";
import { RegisterWatches } from "../registers/register-watches.ts";
import { kubernetesChecks } from "./kubernetes-diagnosis.ts";
import type { KubernetesRequests } from "./kubernetes-requests.ts";
import type { LeaseCell, LeaseObject } from "./lease-object.ts";
import { isElection, type KnownNumbers, leaseWith, recordOf } from "./lease-record.ts";
import { followLease } from "./lease-watch.ts";

const ABSENT: LeaseCell = { version: "0", record: undefined, lease: undefined };

/** Records in Leases of one namespace, which candidates of client-go understand. */
export class KubernetesRegister implements Register<LeaseCell> {
  readonly #requests: KubernetesRequests;
  readonly #longestForeignTtl: number;
  readonly #known = new Map<string, KnownNumbers>();
  readonly #watches: RegisterWatches<LeaseCell>;

  constructor(requests: KubernetesRequests, longestForeignTtl: number, timer: Timer) {
    this.#requests = requests;
    this.#longestForeignTtl = longestForeignTtl;
    this.#watches = new RegisterWatches(timer);
  }

  async read(key: string, wait: Wait): Promise<LeaseCell> {
    return this.#cell(key, await this.#requests.get(key, wait));
  }

  async compareAndSet(
    key: string,
    seen: LeaseCell,
    record: ObservedRecord,
    wait: Wait,
  ): Promise<Written<LeaseCell>> {
    const { namespace } = this.#requests;
    const lease = leaseWith(record, seen.lease, { name: key, namespace });
    const written =
      seen.lease === undefined
        ? await this.#requests.create(key, lease, wait)
        : await this.#requests.update(key, lease, wait);
    if (written !== undefined) return { written: true, cell: this.#cell(key, written) };
    this.#watches.doubt(key, seen.version);
    return { written: false, cell: undefined };
  }

  watch(key: string, listener: CellListener<LeaseCell>): () => void {
    const cellOf = (lease: LeaseObject | undefined) => this.#cell(key, lease);
    return this.#watches.begin(key, listener, (attempt) =>
      followLease(this.#requests, key, cellOf, attempt),
    );
  }

  /** The Leases that Incumbent has ever written. */
  async keys(wait: Wait): Promise<string[]> {
    const { items = [] } = await this.#requests.list(undefined, wait);
    return items.filter(isElection).map(({ metadata }) => String(metadata["name"]));
  }

  checks(): readonly Check[] {
    return kubernetesChecks(this.#requests);
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  async close(): Promise<void> {
    this.#requests.close();
  }

  #cell(key: string, lease: LeaseObject | undefined): LeaseCell {
    if (lease === undefined) return ABSENT;
    const known = this.#known.get(key) ?? { token: 0, seq: 0 };
    const record = recordOf(lease, known, this.#longestForeignTtl);
    const { token, seq } = record;
    if (token >= known.token) this.#known.set(key, { token, seq });
    const { uid, resourceVersion } = lease.metadata;
    return { version: `${uid}:${resourceVersion}`, record, lease };
  }
}
