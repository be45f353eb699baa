import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Rules, rules } from "../../../simulation/redis/script-catalogue.ts";
import { brokenRules } from "./broken-rules.ts";
import { brokenScripts, type Replaced } from "./broken-scripts.ts";
import { type History, histories } from "./happenings.ts";
import { RealRun } from "./real-run.ts";
import { TwinPlayer, type TwinRun } from "./twin-run.ts";

let real: RealRun;

beforeAll(async () => {
  real = await RealRun.start();
});
afterAll(() => real.stop());

interface Volume {
  readonly histories: number;
  /** How many commands they have at least. */
  readonly commands: number;
  /** How often each kind of answer comes up at least. */
  readonly each: number;
}

export function sameAnswers(volume: Volume): void {
  describe("the simulated Redis", () => {
    const commands = volume.commands.toLocaleString("en");

    test(`answers, keeps and publishes what a real one does, for ${commands} random commands`, async () => {
      const seen = new Map<string, number>();
      const details = await compare(rules, volume.histories, ({ expectations }) => {
        for (const { reply } of expectations) for (const kind of kindsOf(reply)) count(seen, kind);
      });
      if (details.failed) throw new Error(reportOf(details));
      seen.delete("nothing");
      expect([...seen.values()].reduce((sum, times) => sum + times)).toBeGreaterThan(
        volume.commands,
      );
      for (const kind of kinds)
        expect(seen.get(kind) ?? 0, kind).toBeGreaterThanOrEqual(volume.each);
    }, 240_000);
  });
}

export function seenDifferences(): void {
  describe("the simulated Redis", () => {
    test.each(Object.entries(brokenRules))(
      "is seen to differ with the rules %s",
      async (_, broken) => {
        const { failed, errorInstance } = await compare(broken, 1500);
        expect(failed).toBe(true);
        expect(String(errorInstance)).toMatch(/The real one (answers|keeps|publishes)/);
      },
    );

    test.each(Object.entries(brokenScripts))(
      "is seen to differ from scripts with %s",
      async (_, replaced) => {
        const { failed, errorInstance } = await compare(rules, 1500, () => {}, replaced);
        expect(failed).toBe(true);
        expect(String(errorInstance)).toMatch(/The real one (answers|keeps|publishes)/);
      },
      120_000,
    );
  });
}

/** What scripts answer. */
const kinds = [
  ...["granted", "held", "quarantine", "late", "server", "superseded", "released", "outbid"],
  ...["renewed held", "renewed joined", "renewed quarantined"],
  ...[
    "none",
    "leader",
    "introduced",
    "renewed",
    "more",
    "WRONGTYPE Operation",
    "WRONGTYPE The",
    "NOSCRIPT No",
  ],
];

function kindsOf(reply: string | undefined): string[] {
  if (reply === undefined) return ["nothing"];
  if (!reply.startsWith("[[")) return [/^[A-Z]+ \w+/.exec(reply)?.[0] ?? "of a plain command"];
  const [, ...replies]: (string | string[])[] = JSON.parse(reply);
  return replies.map((each) => {
    if (typeof each === "string") return each;
    const [status = "", ...rest] = each;
    if (status === "error") return /^[A-Z]+ \w+/.exec(rest[0] ?? "")?.[0] ?? "error";
    return status === "renewed" ? `renewed ${rest.at(-1)}` : status;
  });
}

/** Plays random histories on both until one differs; fast-check then makes it short. */
function compare(
  chosen: Rules,
  numRuns: number,
  onRun: (run: TwinRun) => void = () => {},
  replaced?: Replaced,
): Promise<fc.RunDetails<[History]>> {
  const property = fc.asyncProperty(histories, async (history) => {
    const run = new TwinPlayer(real.info, history.mode, chosen).play(history);
    onRun(run);
    const difference = await real.differenceFrom(run, replaced);
    if (difference !== undefined) throw new Error(difference);
  });
  // That rules or scripts are broken is shown by any history; only a fault of ours is worth making short.
  return fc.check(property, { numRuns, endOnFailure: chosen !== rules || replaced !== undefined });
}

/** The seed, the shortest history that was found, and what differs in it. */
function reportOf(details: fc.RunDetails<[History]>): string {
  return `${fc.defaultReportMessage(details)}\n\n${details.errorInstance}`;
}

function count(seen: Map<string, number>, kind: string): void {
  seen.set(kind, (seen.get(kind) ?? 0) + 1);
}
