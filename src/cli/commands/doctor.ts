import { Elector } from "../../elector/elector.ts";
import type { Finding, LeaseStore } from "../../stores/lease-store.ts";
import { command } from "../command.ts";
import { type CommandSpec, commonOptions } from "../command-spec.ts";
import { defaultStore } from "../default-store.ts";
import { findingsOf, isHarmful } from "../doctor/findings.ts";
import { findingJson, findingLine, summaryOf } from "../doctor/report.ts";
import { exitCodes } from "../exit-codes.ts";
import { paletteOf } from "../io.ts";
import { openStore } from "../open-store.ts";
import { UsageError } from "../usage-error.ts";

const doctorSpec = {
  name: "doctor",
  summary: "check a store for what is wrong with it, or will be",
  operands: "[KEY] [--store URL] [--json]",
  description: `Checks whether the store can be reached and used, and whether it may lose leases: one line for each finding, with
what to do. With KEY, it also looks at that election. It changes nothing in the store.`,
  options: { store: commonOptions.store, json: commonOptions.json, help: commonOptions.help },
  notes: `Levels: ok; note, which may be as you want it; warning, which will harm elections some day; error, which prevents them.
Exit code: 0 if there are only ok and note; 1 if there is a warning or an error; 64 for a usage error.`,
} as const satisfies CommandSpec;

/** `incumbent doctor`: prints what a store says of its own state. */
export const doctor = command(doctorSpec, async ({ options, operands }, io) => {
  const [key, more] = operands;
  if (more !== undefined) throw new UsageError(`doctor takes only one KEY; got also ${more}.`);
  const store = await openStore(options.store ?? defaultStore(io.env));
  try {
    const election = electionOf(store, key);
    const palette = paletteOf(io);
    const findings: Finding[] = [];
    for await (const finding of findingsOf(store, election)) {
      findings.push(finding);
      io.out.write(options.json === true ? findingJson(finding) : findingLine(finding, palette));
    }
    if (options.json !== true) io.out.write(summaryOf(findings, palette));
    return findings.some(isHarmful) ? exitCodes.failed : exitCodes.ok;
  } finally {
    await store.close();
  }
});

/** Throws `INCUMBENT_INVALID_OPTION` before the store is asked if there can be no such election. */
function electionOf(store: LeaseStore, key: string | undefined): Elector | undefined {
  return key === undefined ? undefined : new Elector(store, key);
}
