import { type Check, ok, type Verdict, warning } from "../../diagnosis.ts";
import type { SentinelAnswer } from "../client/redis-driver.ts";
import { storeErrorOf } from "../client/redis-errors.ts";
import type { RedisConnection } from "../connection/redis-connection.ts";

/** Whether each Sentinel of the address answers, and whether these are all. */
export function sentinelCheck(connection: RedisConnection): Check {
  return {
    name: "sentinels",
    run: async () => {
      const driver = connection.open({ lost() {} });
      try {
        return driver.survey === undefined ? [] : sentinelsIn(await driver.survey());
      } finally {
        driver.end();
      }
    },
  };
}

function sentinelsIn(answers: readonly SentinelAnswer[]): Verdict[] {
  const listed = answers.length;
  const verdicts: Verdict[] = [];
  const primaries = new Set<string>();
  const places = new Map<unknown, number[]>();
  let known = 0;
  for (const [at, answer] of answers.entries()) {
    if ("failure" in answer) {
      const { detail } = storeErrorOf(answer.failure);
      const says = `Sentinel ${at + 1} of ${listed} in the list does not answer (${detail}): without a majority no process can lead.`;
      verdicts.push(warning(says, "Start it, or correct its address."));
      continue;
    }
    primaries.add(answer.primary);
    places.set(answer.sentinel, [...(places.get(answer.sentinel) ?? []), at + 1]);
    known = Math.max(known, (answer.others ?? 0) + 1);
  }
  const repeated = [...places.values()].filter(({ length }) => length > 1);
  for (const same of repeated) {
    const says = `Sentinels ${same.join(" and ")} of ${listed} in the list are one: it counts once in a majority.`;
    verdicts.push(warning(says, "List each Sentinel under one address."));
  }
  const different = listed - repeated.reduce((sum, { length }) => sum + length - 1, 0);
  if (known > different) {
    const says = `The list has ${different} of ${known} Sentinels: a failover that the others decide may be noticed too late.`;
    verdicts.push(warning(says, "List the addresses of all Sentinels."));
  }
  if (primaries.size > 1) {
    const says = `The Sentinels name different primaries: ${[...primaries].join(", ")}.`;
    verdicts.push(
      warning(says, "If no failover is under way, check that all of them watch the same servers."),
    );
  }
  return verdicts.length > 0 ? verdicts : [ok(`All ${listed} Sentinels agree on the primary.`)];
}
