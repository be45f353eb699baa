/** The figures in which another package is better than Incumbent: `{ title, figure, own, better }`. */
export function lossesIn(measures, rows) {
  return measures.flatMap((measure) =>
    sectionsOf(measure, rows).flatMap((section) => lossesOf(measure, section)),
  );
}

/**
 * The rows of a measure, in tables: one for each combination of what it `divides` by. A row that has nothing
 * of that belongs to each.
 */
export function sectionsOf({ name, divides = [] }, rows) {
  const own = rows.filter(({ measure }) => measure === name);
  const isDivided = (row) => divides.every(({ key }) => row[key] !== undefined);
  const titleOf = (row) => divides.map(({ key, text }) => text(row[key])).join(", ");
  const titles = new Set(own.filter(isDivided).map(titleOf));
  return [...titles].map((title) => ({
    title,
    rows: own.filter((row) => !isDivided(row) || titleOf(row) === title),
  }));
}

// A limit of the machine is no package.
const limits = ["none", "bare"];

function lossesOf({ title, columns }, section) {
  const own = section.rows.find((row) => row.package === "incumbent");
  const others = section.rows.filter((row) => row !== own && !limits.includes(row.package));
  if (own === undefined) return [];
  return columns
    .filter(({ better }) => better !== undefined)
    .map((column) => ({
      title: [title, section.title].filter((text) => text !== "").join(", "),
      ...{ column, own },
      better: others.filter((row) => isBetter(column, row[column.key], own[column.key])),
    }))
    .filter(({ better }) => better.length > 0);
}

/** A figure that is missing is neither better nor worse, but a package that never got there is worse. */
function isBetter({ better }, other, own) {
  if (typeof other !== "number") return false;
  if (typeof own !== "number") return true;
  return better === "less" ? other < own : other > own;
}
