/** A paragraph in lines of at most 120 characters. */
export function wrapped(paragraph) {
  const lines = [""];
  for (const word of paragraph.trim().split(/\s+/)) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.length > 120) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.join("\n");
}
