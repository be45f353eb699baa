import type { Timer } from "../connections/timer.ts";
import type {
  Cell,
  CellListener,
  ObservedRecord,
  Register,
  Wait,
  Written,
} from "../observed/register.ts";
import type { KubernetesRequests } from "./kubernetes-requests.ts";
import type { LeaseObject } from "./lease-object.ts";
import { isElection, type KnownNumbers, leaseWith, recordOf } from "./lease-record.ts";
import { LeaseWatch } from "./lease-watch.ts";

/** A Lease, whole: what is not ours in it is written back. */
export interface LeaseCell extends Cell {
  readonly lease: LeaseObject | undefined;
}

const ABSENT: LeaseCell = { version: "0", record: undefined, lease: undefined };

/** Records in Leases of one namespace, which candidates of client-go understand. */
export class KubernetesRegister implements Register<LeaseCell> {
  readonly #requests: KubernetesRequests;
  readonly #longestForeignTtl: number;
  readonly #timer: Timer;
  readonly #known = new Map<string, KnownNumbers>();
  readonly #watches = new Map<string, Set<LeaseWatch>>();

  constructor(requests: KubernetesRequests, longestForeignTtl: number, timer: Timer) {
    this.#requests = requests;
    this.#longestForeignTtl = longestForeignTtl;
    this.#timer = timer;
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
    for (const watch of this.#watches.get(key) ?? []) watch.doubt(seen.version);
    return { written: false, cell: undefined };
  }

  watch(key: string, listener: CellListener<LeaseCell>): () => void {
    const watch = new LeaseWatch(this.#requests, key, this.#timer, {
      onLease: (lease) => {
        const cell = this.#cell(key, lease);
        listener.onCell(cell);
        return cell.version;
      },
      onInterrupted: () => listener.onInterrupted(),
    });
    const watches = this.#watches.get(key) ?? new Set();
    this.#watches.set(key, watches.add(watch));
    return () => {
      watch.end();
      watches.delete(watch);
    };
  }

  /** The Leases that Incumbent has ever written. */
  async keys(wait: Wait): Promise<string[]> {
    const { items = [] } = await this.#requests.list(undefined, wait);
    return items.filter(isElection).map(({ metadata }) => String(metadata["name"]));
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
