/** What was found, for people. */
export function tableOf({ version, tarball, rows }) {
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const size = `${kilobytes(tarball.size)} packed, ${kilobytes(tarball.unpackedSize)} unpacked`;
  const cells = rows.map(({ name, version, checks }) => [
    name,
    version,
    Object.values(importTimesOf(checks))
      .map((ms) => ms.toFixed(1))
      .join(" / "),
    checks.map(ranOf).join(", "),
    checks.every(({ ok }) => ok) ? "ok" : "FAIL",
  ]);
  const entries = Object.keys(
    Object.assign({}, ...rows.map(({ checks }) => importTimesOf(checks))),
  );
  const head = ["", "version", "import, ms", "ran", ""];
  const lines = aligned([head, ...cells]);
  return [
    `incumbent ${version}: ${size}, ${tarball.entryCount} files`,
    ...(entries.length === 0 ? [] : [`import of ${entries.join(" / ")}`]),
    "",
    ...lines,
    ...rows.flatMap(remarksOf),
    "",
  ].join("\n");
}

/** What ran, with how many tests if that is what it ran; `!` says that it failed. */
function ranOf({ name, ok, found }) {
  if (!ok) return `${name}!`;
  return found?.passed === undefined ? name : `${name} (${found.passed} tests)`;
}

function importTimesOf(checks) {
  return checks.find(({ name }) => name === "import")?.found ?? {};
}

function remarksOf({ name: row, checks }) {
  return checks.flatMap(({ name, error, found }) => {
    if (error !== undefined) return ["", `${row}, ${name}: ${error}`];
    const elsewhere = found?.elsewhere;
    if (elsewhere === undefined) return [];
    return ["", `${row}, ${name}: ${elsewhere.length} in others' declarations: ${elsewhere[0]}`];
  });
}

function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd(),
  );
}
