import { command } from "../command.ts";
import { type CommandSpec, commonOptions } from "../command-spec.ts";
import { defaultStore } from "../default-store.ts";
import { follow } from "../look/follow.ts";
import { openStore } from "../open-store.ts";
import { UsageError } from "../usage-error.ts";

const watchSpec = {
  name: "watch",
  summary: "show the leader, and every change",
  operands: "KEY [--store URL] [--json]",
  description:
    "Shows the current leader of one election, and every change, until it is interrupted: as a table on a terminal, otherwise as one line per change.",
  options: { store: commonOptions.store, json: commonOptions.json, help: commonOptions.help },
  notes: "If the store does not answer, watch reports it and tries again.",
} as const satisfies CommandSpec;

/** `incumbent watch`: follows one election. */
export const watch = command(watchSpec, async ({ options, operands }, io) => {
  const [key, more] = operands;
  if (key === undefined || more !== undefined) throw new UsageError("watch takes exactly one KEY.");
  const store = await openStore(options.store ?? defaultStore(io.env));
  try {
    return await follow(store, { key, json: options.json === true }, io);
  } finally {
    await store.close();
  }
});
