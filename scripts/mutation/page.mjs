const HEAD = `# Mutation score

Tests that pass say that the code works. Would they notice if it did not? To find out, the code is changed, in one
small place at a time: a \`<\` becomes a \`<=\`, a condition \`true\`, a block empty. Each such mutant then meets the
tests of its folder that are quick. One that makes a test fail, or run for ever, is killed. One that survives shows
what no test claims, or code that makes no difference.

\`npm run mutation\` measures the core anew, and \`npm run mutation -- --folder stores/redis-quorum\` a folder, in about
half an hour; each writes its section of this page. It fails below 90 %, and when a mutant survives without a reason.
It is no part of the continuous integration.
`;

/** What a section of the page is about, and what the table at the top takes from it. */
const SECTION = /^## (.*)\n\n(\*\*.*?\*\*) are killed: (\d+ of \d+), on ([\d-]+)/;

/** docs/internals/mutation.md, in which one part has been measured anew. */
export function pageWith(page, { part, results, total, explained }) {
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

${sections.join("\n\n")}
`;
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
