import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { Mutant } from "./mutant.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A copy of `build/` with the mistake in it. */
export interface Build {
  readonly folder: string;
  remove(): void;
}

/** Throws where the mistake cannot be made: a mutant must not be the original by accident. */
export function build(mutant: Mutant): Build {
  const text = mutated(mutant);
  const folder = mkdtempSync(join(tmpdir(), "incumbent-mutant-"));
  cpSync(join(root, "build"), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  writeFileSync(join(folder, mutant.file.replace(/\.ts$/, ".js")), transpiled(text));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The file of the mutant with the mistake in it. */
export function mutated({ name, file, replace: [from, to] }: Mutant): string {
  const [before, after, ...more] = readFileSync(join(root, file), "utf8").split(from);
  if (before !== undefined && after !== undefined && more.length === 0) return before + to + after;
  throw new Error(`The mutant "${name}" needs this exactly once in ${file}: ${from}`);
}

function transpiled(text: string): string {
  const { outputText, diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  const [mistake] = diagnostics;
  if (mistake === undefined) return outputText;
  throw new Error(ts.flattenDiagnosticMessageText(mistake.messageText, "\n"));
}
