import { fileURLToPath } from "node:url";
import { launch } from "./process.mjs";

/** The checkout that this script belongs to. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** How long the tests of one kind may take, in ms. */
const LIMIT = 900_000;

/** A check that runs tests of the checkout, by these arguments of vitest, and answers how many have passed. */
export function checkoutTests(args, env, report) {
  return async () => {
    const run = launch([process.execPath, "node_modules/vitest/vitest.mjs", "run", ...args], {
      cwd: root,
      env: { ...env, NO_COLOR: "1" },
      limit: LIMIT,
      heard: (line) => {
        if (/^\d+ of \d+ files have ended/.test(line)) report(line);
      },
    });
    run.closeInput();
    const { stdout } = await run.ends().catch((error) => {
      throw new Error(/\n.*Failed Tests[\s\S]*/.exec(error.message)?.[0].trim() ?? error.message);
    });
    return { passed: Number(/^(\d+) passed, 0 failed$/m.exec(stdout)[1]) };
  };
}
