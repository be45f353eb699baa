export { isIncumbentError, StoreError, type StoreErrorCode } from "./errors.ts";
export {
  acquire as acquireLease,
  type Decision,
  type Moment,
  read as readLease,
  release as releaseLease,
  renew as renewLease,
  type StoredLease,
} from "./stores/lease-rules.ts";
export type {
  AcquireReply,
  AcquireRequest,
  Applied,
  Examination,
  Finding,
  FindingLevel,
  Hint,
  LeaseRecord,
  LeaseStore,
  Refusal,
  RefusalReason,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StoreRequest,
  StoreTraits,
} from "./stores/lease-store.ts";
export { type Decide, RuledStore } from "./stores/ruled-store.ts";
