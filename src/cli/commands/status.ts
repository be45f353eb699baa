import { Elector } from "../../elector/elector.ts";
import { type LeaderJson, leaderJson } from "../../http/leader-json.ts";
import type { LeaseStore } from "../../stores/lease-store.ts";
import { command } from "../command.ts";
import { type CommandSpec, commonOptions } from "../command-spec.ts";
import { defaultStore } from "../default-store.ts";
import { exitCodes } from "../exit-codes.ts";
import { paletteOf } from "../io.ts";
import { follow } from "../look/follow.ts";
import { keysOf } from "../look/keys.ts";
import { openExistingStore } from "../open-store.ts";
import { tableOf } from "../table.ts";
import { UsageError } from "../usage-error.ts";

const statusSpec = {
  name: "status",
  summary: "print the current leader",
  operands: "[KEY] [--store URL] [--watch] [--json]",
  description: "Prints the current leader of one election, or of every election in the store.",
  options: {
    store: commonOptions.store,
    watch: { help: "go on showing them, and every change, until it is interrupted" },
    json: commonOptions.json,
    help: commonOptions.help,
  },
  notes:
    "Exit code: 0, even if there is no leader; 64 for a usage error; 69 if the store does not answer.",
} as const satisfies CommandSpec;

/** `incumbent status`: reads the leader once, or follows it. */
export const status = command(statusSpec, async ({ options, operands }, io) => {
  if (operands[1] !== undefined)
    throw new UsageError(`status takes only one KEY; got also ${operands[1]}.`);
  const store = await openExistingStore(options.store ?? defaultStore(io.env));
  try {
    if (options.watch === true) {
      return await follow(store, { key: operands[0], json: options.json === true }, io);
    }
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
