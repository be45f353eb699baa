import { constants } from "node:os";
import { Elector } from "../../elector/elector.ts";
import { leaderJson } from "../../http/leader-json.ts";
import { command } from "../command.ts";
import { type CommandSpec, commonOptions } from "../command-spec.ts";
import { defaultStore } from "../default-store.ts";
import { exitCodes } from "../exit-codes.ts";
import { paletteOf } from "../io.ts";
import { oneLine } from "../one-line.ts";
import { openStore } from "../open-store.ts";
import { UsageError } from "../usage-error.ts";

const watchSpec = {
  name: "watch",
  summary: "print the leader, and every change",
  operands: "KEY [--store URL] [--json]",
  description:
    "Prints the current leader of one election, and every change, until it is interrupted.",
  options: { store: commonOptions.store, json: commonOptions.json, help: commonOptions.help },
  notes: "If the store does not answer, watch reports it on standard error and tries again.",
} as const satisfies CommandSpec;

/** `incumbent watch`: prints one line per change. */
export const watch = command(watchSpec, async ({ options, operands }, io) => {
  const [key, more] = operands;
  if (key === undefined || more !== undefined) throw new UsageError("watch takes exactly one KEY.");
  const store = await openStore(options.store ?? defaultStore(io.env));
  const elector = new Elector(store, key);
  const { bold, dim, cyan, red } = paletteOf(io);
  elector.on("storeError", ({ error }) => io.err.write(`incumbent: ${oneLine(error.message)}\n`));
  const ended = new AbortController();
  let code: number = exitCodes.ok;
  const end = (signal: NodeJS.Signals) => {
    code = 128 + constants.signals[signal];
    ended.abort();
  };
  process.on("SIGINT", end).on("SIGTERM", end);
  for await (const leader of elector.observe({ signal: ended.signal })) {
    const seen = leaderJson(key, leader);
    const name = seen.leader === null ? red("no leader") : bold(cyan(oneLine(seen.leader.nodeId)));
    const about =
      seen.leader === null
        ? ""
        : ` token ${seen.leader.token} ${oneLine(seen.leader.metadata ?? "")}`;
    io.out.write(
      options.json === true
        ? `${JSON.stringify(seen)}\n`
        : `${dim(seen.at)} ${oneLine(key)}: ${name}${about.trimEnd()}\n`,
    );
  }
  process.off("SIGINT", end).off("SIGTERM", end);
  await store.close();
  return code;
});
