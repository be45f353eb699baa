import type { CommandSpec } from "./command-spec.ts";

/** Every command's own words, in the order of the help. */
export async function specs(): Promise<readonly CommandSpec[]> {
  const [{ runSpec }, { statusSpec }, { watchSpec }, { demoSpec }, { completionSpec }] =
    await Promise.all([
      import("./run/spec.ts"),
      import("./commands/status.ts"),
      import("./commands/watch.ts"),
      import("./commands/demo.ts"),
      import("./commands/completion.ts"),
    ]);
  return [runSpec, statusSpec, watchSpec, demoSpec, completionSpec];
}
