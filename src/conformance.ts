export { checkStore, type RegisterTest } from "./conformance/check-store.ts";
export type { Need, Rule, RuleGroup } from "./conformance/rule.ts";
export { rules } from "./conformance/rules.ts";
export type {
  StoreCapabilities,
  StoreSetup,
  StoreTime,
  StoreUnderTest,
} from "./conformance/subject.ts";
