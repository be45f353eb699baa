/** What a cell shows: a dash for a figure that there is none of. */
export function cellOf({ key, digits }, row) {
  const value = row[key];
  if (value === undefined || value === null || Number.isNaN(value)) return "–";
  if (typeof value !== "number") return String(value);
  return grouped(value.toFixed(digits));
}

/** A table in Markdown. Rows of the same column are aligned, so that it can be read as text. */
export function tableOf(columns, rows) {
  const lines = [columns.map(({ title }) => title)];
  for (const row of rows) lines.push(columns.map((column) => cellOf(column, row)));
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  const isText = columns.map(({ digits }) => digits === undefined);
  const padded = lines.map((cells) => {
    const aligned = cells.map((cell, index) =>
      isText[index] ? cell.padEnd(widths[index]) : cell.padStart(widths[index]),
    );
    return `| ${aligned.join(" | ")} |`;
  });
  const rule = widths.map((width, index) =>
    isText[index] ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`,
  );
  return [padded[0], `|${rule.join("|")}|`, ...padded.slice(1)].join("\n");
}

function grouped(text) {
  const [whole, fraction] = text.split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}
