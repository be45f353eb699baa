/** The page with its section of this title replaced, or added at its end. */
export function withSection(page, title, section) {
  const old = sectionIn(page, title);
  if (old === "") return `${page.trimEnd()}\n\n${section.trimEnd()}\n`;
  return page.replace(old, () => `${section.trimEnd()}\n${page.endsWith(old) ? "" : "\n"}`);
}

/** The page with the section that an older one has, if it has one. */
export function withSectionOf(older, page, title) {
  const section = sectionIn(older, title);
  return section === "" ? page : withSection(page, title, section);
}

/** From its heading to the next of the same level. */
function sectionIn(page, title) {
  const begin = page.indexOf(`## ${title}\n`);
  if (begin < 0) return "";
  const end = page.indexOf("\n## ", begin);
  return page.slice(begin, end < 0 ? undefined : end + 1);
}
