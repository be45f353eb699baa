import { Elector } from "../../elector/elector.ts";
import { IncumbentError } from "../../errors.ts";
import { type LeaderJson, leaderJson } from "../../http/leader-json.ts";
import type { LeaseStore } from "../../stores/lease-store.ts";
import { command } from "../command.ts";
import { type CommandSpec, commonOptions } from "../command-spec.ts";
import { defaultStore } from "../default-store.ts";
import { exitCodes } from "../exit-codes.ts";
import { paletteOf } from "../io.ts";
import { openExistingStore } from "../open-store.ts";
import { tableOf } from "../table.ts";
import { UsageError } from "../usage-error.ts";

const statusSpec = {
  name: "status",
  summary: "print the current leader",
  operands: "[KEY] [--store URL] [--json]",
  description: "Prints the current leader of one election, or of every election in the store.",
  options: { store: commonOptions.store, json: commonOptions.json, help: commonOptions.help },
  notes:
    "Exit code: 0, even if there is no leader; 64 for a usage error; 69 if the store does not answer.",
} as const satisfies CommandSpec;

/** `incumbent status`: reads the leader once. */
export const status = command(statusSpec, async ({ options, operands }, io) => {
  if (operands[1] !== undefined)
    throw new UsageError(`status takes only one KEY; got also ${operands[1]}.`);
  const store = await openExistingStore(options.store ?? defaultStore(io.env));
  try {
    const keys = operands[0] === undefined ? await keysOf(store) : [operands[0]];
    const leaders = await Promise.all(keys.map((key) => look(store, key)));
    if (options.json === true) {
      for (const leader of leaders) io.out.write(`${JSON.stringify(leader)}\n`);
    } else {
      io.out.write(tableOf(leaders, paletteOf(io)));
    }
    return exitCodes.ok;
  } finally {
    await store.close();
  }
});

async function look(store: LeaseStore, key: string): Promise<LeaderJson> {
  return leaderJson(key, await new Elector(store, key).leader());
}

/** How long the store may take to list its elections, in ms. */
const PATIENCE = 3000;

async function keysOf(store: LeaseStore): Promise<string[]> {
  const signal = AbortSignal.timeout(PATIENCE);
  const clock = { now: () => performance.now() };
  const keys = await store.keys?.({ clock, signal });
  if (keys !== undefined) return keys.sort();
  const message = `A ${store.traits.name} store cannot list its elections: give the KEY of one.`;
  throw new IncumbentError("INCUMBENT_INVALID_OPTION", message);
}
