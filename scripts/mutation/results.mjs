/** What became of the mutants of each file, by what Stryker reported of it. */
export function readResults(measured) {
  return Object.entries(measured)
    .map(([path, file]) => resultOf(path.replace("src/", ""), file))
    .sort((a, b) => a.file.localeCompare(b.file));
}

function resultOf(file, { source, mutants }) {
  const lines = source.split("\n");
  const having = (...wanted) => mutants.filter(({ status }) => wanted.includes(status));
  const survivors = having("Survived", "NoCoverage").map(({ location, replacement }) => ({
    file,
    line: lines[location.start.line - 1].trim(),
    becomes: replacement.replace(/\s+/g, " "),
  }));
  // One that runs for ever is noticed as well.
  return scored({
    ...{ file, survivors, killed: having("Killed", "Timeout").length },
    broken: having("RuntimeError", "CompileError").length,
  });
}

/** All files as one. */
export function totalOf(results) {
  const sum = (numberOf) => results.reduce((before, result) => before + numberOf(result), 0);
  return scored({
    survivors: results.flatMap(({ survivors }) => survivors),
    killed: sum(({ killed }) => killed),
    broken: sum(({ broken }) => broken),
  });
}

function scored(result) {
  const mutants = result.killed + result.survivors.length;
  return { ...result, mutants, score: mutants === 0 ? 100 : (100 * result.killed) / mutants };
}
