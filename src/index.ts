export type { LossReason, ReleaseOutcome } from "./election/state.ts";
export { type Cancellable, type Departure, Elector } from "./elector/elector.ts";
export type { Environment } from "./elector/environment.ts";
export type { ElectorEventName, ElectorEvents, StoreOperation } from "./elector/events.ts";
export type { LeadOptions, Work } from "./elector/lead.ts";
export type { Logger } from "./elector/log.ts";
export { NotElectedError } from "./elector/not-elected.ts";
export type { ElectorOptions } from "./elector/options.ts";
export type { ElectorRole, ElectorStatus, Waiting, WaitingReason } from "./elector/status.ts";
export type { LeadershipCallback } from "./elector/terms/leadership-listeners.ts";
export type { LeaderInfo, Term } from "./elector/terms/term.ts";
export type { Clock } from "./elector/time/clock.ts";
export {
  IncumbentError,
  type IncumbentErrorCode,
  isIncumbentError,
  LeadershipLostError,
  StoreError,
  type StoreErrorCode,
} from "./errors.ts";
export { MemoryStore } from "./stores/memory/memory-store.ts";
