export { ElectorHealth, type ElectorHealthResult } from "./nestjs/elector-health.ts";
export {
  type ElectionModule,
  IncumbentModule,
  type IncumbentModuleOptions,
} from "./nestjs/incumbent-module.ts";
export { LeaderOnly } from "./nestjs/leader-only.ts";
export { electorToken } from "./nestjs/tokens.ts";
