const HEAD = `# Mutation score

Passing tests show that the code works. Would they fail if it did not? To find out, a mutation tester changes the code
in one small place at a time. For example, a \`<\` becomes a \`<=\`, a condition becomes \`true\`, or a block becomes empty.
Each such mutant runs against the quick tests of its folder. A mutant that makes a test fail, or run for ever, is
killed. A mutant that survives reveals behaviour that no test checks, or code that makes no difference.

\`npm run mutation\` measures the core again, and \`npm run mutation -- --folder stores/redis-quorum\` measures a folder, in
about half an hour; each writes its section of this page. The command fails below 90 %, or if a mutant survives without
a reason. It is not part of continuous integration.
`;

/** What a section of the page is about, and what the table at the top takes from it. */
const SECTION = /^## (.*)\n\n(\*\*.*?\*\*) are killed: (\d+ of \d+), on ([\d-]+)/;

/** docs/internals/mutation.md, in which one part has been measured anew. `folders` are all below src/. */
export function pageWith(page, { part, results, total, explained, folders }) {
  const others = page
    .split(/^(?=## )/m)
    .filter((text) => SECTION.test(text) && !text.startsWith(`${titleOf(part)}\n`));
  const sections = [...others, sectionOf(part, results, total, explained)].map((text) =>
    text.trim(),
  );
  const rows = sections.sort().map((text) => {
    const [, title, score, killed, date] = SECTION.exec(text);
    return `| ${title} | ${score} | ${killed} | ${date} |`;
  });
  return `${HEAD}
| Measured together | Score | Killed | On |
|---|---|---|---|
${rows.join("\n")}
${missingOf(rows.join(), folders)}
${sections.join("\n\n")}
`;
}

function missingOf(rows, folders) {
  const missing = folders
    .map((folder) => `\`src/${folder}\``)
    .filter((name) => !rows.includes(name));
  return missing.length === 0 ? "" : `\nNot measured yet: ${missing.join(", ")}.\n`;
}

function titleOf({ folders }) {
  return `## ${folders.map((folder) => `\`src/${folder}\``).join(" and ")}`;
}

/** The score of every file of a part, and each survivor with the reason why it may live. */
function sectionOf(part, results, total, explained) {
  const broken =
    total.broken === 0
      ? ""
      : ` Another ${total.broken} broke the run of the tests and count as neither.`;
  return `${titleOf(part)}

**${percent(total)}** are killed: ${total.killed} of ${total.mutants}, on ${today()}.${broken}

| File | Mutants | Killed | Survived | Score |
|---|---|---|---|---|
${results
  .filter(({ mutants }) => mutants > 0)
  .map(rowOf)
  .join("\n")}

The survivors: the line, what becomes of a part of it, and why no test has to notice.
${sectionsOf(explained)}`;
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

function percent({ score }) {
  return `${score.toFixed(1)} %`;
}

function rowOf(result) {
  const { file, mutants, killed, survivors } = result;
  return `| \`${file}\` | ${mutants} | ${killed} | ${survivors.length} | ${percent(result)} |`;
}

function sectionsOf(explained) {
  return [...new Set(explained.map(({ file }) => file))]
    .sort()
    .map((file) => {
      const items = explained.filter((one) => one.file === file).map(itemOf);
      return `\n### ${file}\n\n${items.join("\n")}\n`;
    })
    .join("");
}

function itemOf({ line, becomes, why }) {
  return `* ${code(line)} → ${becomes.map(code).join(", ")}: ${why}`;
}

/** Between two backticks where the code itself has one. */
function code(text) {
  if (text === '""' || text === "``") return "an empty text";
  if (text.includes("`")) return `\`\` ${text} \`\``;
  return `\`${text}\``;
}
