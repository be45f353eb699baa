import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A file of `src/` or `simulation/`. */
export interface Source {
  /** From `src/`, with slashes: `elector/time/clock.ts`, `../simulation/world.ts`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

export function sourceOf(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true) };
}

export function readSources(): Source[] {
  return [...filesBelow(""), ...filesBelow("../simulation/")].map((path) =>
    sourceOf(path, readFileSync(join(root, "src", path), "utf8")),
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, "src", folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => folder + path.replaceAll(sep, "/"))
    .sort();
}

/** The node and everything below it. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodesOf(child);
}

/** `path:line`, by which it can be found. */
export function placeOf({ path, tree }: Source, node: ts.Node): string {
  return `${path}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

export function linesOf({ text }: Source): number {
  return text.trimEnd().split("\n").length;
}
