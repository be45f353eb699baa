import type { Command, LoadSpecs } from "./command.ts";

/** Every command, in the order of the help. Each is loaded on demand, so that `--version` stays fast. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./commands/run.ts")).run,
  status: async () => (await import("./commands/status.ts")).status,
  watch: async () => (await import("./commands/watch.ts")).watch,
  dashboard: async () => (await import("./commands/dashboard.ts")).dashboard,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  demo: async () => (await import("./commands/demo.ts")).demo,
  completion: async () => (await import("./commands/completion.ts")).completion,
};

export const specs: LoadSpecs = () =>
  Promise.all(Object.values(commands).map(async (load) => (await load()).spec));
