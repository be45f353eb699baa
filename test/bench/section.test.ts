import { expect, test } from "vitest";
import { withSection, withSectionOf } from "../../bench/section.mjs";

const page = "# Page\n\n## One\n\nfirst\n\n## Two\n\nsecond\n";

test("a section is replaced from its heading to the next", () => {
  expect(withSection(page, "One", "## One\n\n$& new")).toBe(
    "# Page\n\n## One\n\n$& new\n\n## Two\n\nsecond\n",
  );
  expect(withSection(page, "Two", "## Two\n\nnew\n")).toBe(
    "# Page\n\n## One\n\nfirst\n\n## Two\n\nnew\n",
  );
});

test("a section that is not there is added at the end", () => {
  expect(withSection(page, "Three", "## Three\n\nthird")).toBe(`${page}\n## Three\n\nthird\n`);
});

test("a page that is written anew keeps the section of another command", () => {
  expect(withSectionOf(page, "# New\n\n## One\n\nnew\n", "Two")).toBe(
    "# New\n\n## One\n\nnew\n\n## Two\n\nsecond\n",
  );
  expect(withSectionOf("# Old\n", "# New\n", "Two")).toBe("# New\n");
});
