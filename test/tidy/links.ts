import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { root } from "./source.ts";

/** The pages of the project, below its root. */
export function readPages(): { path: string; text: string }[] {
  const atRoot = readdirSync(root);
  const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  return [...atRoot, ...docs.map((path) => join("docs", path))]
    .filter((path) => path.endsWith(".md"))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Links to a file, or to a heading, that is not there. */
export function brokenLinks({ path, text }: { path: string; text: string }): string[] {
  const page = join(root, path);
  return [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(target, page, text))
    .map((target) => `${path} links to ${target}`);
}

function leadsSomewhere(target: string, page: string, text: string): boolean {
  const [file = "", heading] = target.split("#");
  const there = file === "" ? page : resolve(dirname(page), file);
  if (!existsSync(there) && there !== page) return false;
  if (heading === undefined) return true;
  if (there === page) return headingsOf(text).includes(heading);
  return statSync(there).isFile() && headingsOf(readFileSync(there, "utf8")).includes(heading);
}

/** The names under which the headings of a page can be linked to. */
function headingsOf(text: string): string[] {
  return [...proseOf(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function proseOf(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "");
}
