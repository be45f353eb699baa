/**
 * What is measured together: folders below src/, and the tests that their mutants meet. They should be quick,
 * since each mutant runs all that reach it. A folder that is not listed meets the tests in its mirror.
 */
const parts = {
  core: {
    folders: ["election", "elector"],
    tests: ["test/{election,elector}/**/*.test.ts"],
    without: [],
  },
  "stores/connections": {
    folders: ["stores/connections"],
    tests: ["test/stores/connections/*.test.ts"],
    // With a real server.
    without: ["test/stores/connections/waiting-renewals.test.ts"],
  },
  "stores/memory": {
    folders: ["stores/memory"],
    tests: ["test/stores/memory/*.test.ts"],
    // Seconds for each mutant, as leases end in real time.
    without: ["test/stores/memory/memory-in-real-time.test.ts"],
  },
  "stores/observed": {
    folders: ["stores/observed"],
    tests: ["test/stores/observed/*.test.ts"],
    without: ["test/stores/observed/observed-in-real-time.test.ts"],
  },
  "stores/registers": {
    folders: ["stores/registers"],
    tests: ["test/stores/registers/*.test.ts"],
    // With real servers.
    without: ["test/stores/registers/electors.test.ts"],
  },
  "stores/sql": {
    folders: ["stores/sql"],
    tests: ["test/stores/sql/*.test.ts"],
    // Loads the stores and their clients, which takes longer than all other tests.
    without: ["test/stores/sql/errors-of-clients.test.ts"],
  },
  "stores/redis-quorum": {
    folders: ["stores/redis-quorum"],
    tests: ["test/stores/redis-quorum/*.test.ts"],
    // With real servers: minutes for each mutant.
    without: ["duel", "redis-quorum-store", "redis-quorum-conformance", "quorum-diagnosis"].map(
      (name) => `test/stores/redis-quorum/${name}.test.ts`,
    ),
  },
};

export function partOf(name) {
  const other = { folders: [name], tests: [`test/${name}/**/*.test.ts`], without: [] };
  return { name, ...(parts[name] ?? other) };
}

/** Where what belongs to a part is kept: `stores-redis-quorum`. */
export function fileNameOf({ name }) {
  return name.replaceAll("/", "-");
}
