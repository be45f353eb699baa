import type { Cell } from "../observed/register.ts";

/** A Lease as the API server has it. What else is in it is kept as it is. */
export interface LeaseObject {
  readonly metadata: {
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>> | null;
    readonly [field: string]: unknown;
  };
  readonly spec?: LeaseSpec | null;
  readonly [field: string]: unknown;
}

export interface LeaseSpec {
  readonly holderIdentity?: string | null;
  readonly leaseDurationSeconds?: number | null;
  readonly acquireTime?: string | null;
  readonly renewTime?: string | null;
  readonly leaseTransitions?: number | null;
  /** Set if the control plane decides who holds the Lease. */
  readonly strategy?: string | null;
  readonly [field: string]: unknown;
}

/** A Lease, whole: what is not ours in it is written back. */
export interface LeaseCell extends Cell {
  readonly lease: LeaseObject | undefined;
}
