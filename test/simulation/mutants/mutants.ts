import { calls } from "./calls.ts";
import { cluster } from "./cluster.ts";
import { database } from "./database.ts";
import { identity } from "./identity.ts";
import { leaving } from "./leaving.ts";
import type { Mutant } from "./mutant.ts";
import { observed } from "./observed.ts";
import { quarantine, servers } from "./quarantine.ts";
import { proposals, quorum, quorumQuarantine } from "./quorum.ts";
import { reporting } from "./reporting.ts";
import { sentinel } from "./sentinel.ts";
import { tokens } from "./tokens.ts";
import { trust } from "./trust.ts";

/** Each has to be caught, or the simulation would not see that mistake in the real code either. */
export const mutants: readonly Mutant[] = [
  ...servers,
  ...quarantine,
  ...tokens,
  ...trust,
  ...identity,
  ...reporting,
  ...leaving,
  ...calls,
  ...quorum,
  ...quorumQuarantine,
  ...proposals,
  ...observed,
  ...database,
  ...sentinel,
  ...cluster,
];
