import { invalid } from "../input.ts";
import type { Elector } from "./elector.ts";

/** By its methods: it may be of another copy of the package. Throws `INCUMBENT_INVALID_OPTION`. */
export function checkElector(elector: Elector): Elector {
  if (typeof elector?.isLeader === "function") return elector;
  throw invalid({
    name: "elector",
    rule: "must be an Elector",
    value: elector,
    example: 'new RedisElector("redis://127.0.0.1:6379", "reports:scheduler")',
  });
}
