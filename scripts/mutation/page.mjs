/** docs/mutation.md: the score of every file, and each survivor with the reason why it may live. */
export function pageOf(results, total, explained) {
  const broken =
    total.broken === 0
      ? ""
      : ` Another ${total.broken} broke the run of the tests and count as neither.`;
  return `# Mutation score

Tests that pass say that the code works. Would they notice if it did not? To find out, the code of \`src/election\`
and \`src/elector\` is changed, in one small place at a time: a \`<\` becomes a \`<=\`, a condition \`true\`, a block
empty. Each such mutant then meets the tests of these two folders and of the log, with no server and no other
process. One that makes a test fail, or run for ever, is killed. One that survives shows what no test claims, or
code that makes no difference.

**${percent(total)}** are killed: ${total.killed} of ${total.mutants}, on ${today()}.${broken}

\`npm run mutation\` measures it anew and writes this page, in about half an hour. It fails below 85 %, and when a
mutant survives without a reason. It is no part of the continuous integration.

| File | Mutants | Killed | Survived | Score |
|---|---|---|---|---|
${results.map(rowOf).join("\n")}

## Survivors

The line, what becomes of a part of it, and why no test has to notice.
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
  if (text.includes("`")) return `\`\` ${text} \`\``;
  return `\`${text}\``;
}
