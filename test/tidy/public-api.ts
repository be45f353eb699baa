import { join } from "node:path";
import ts from "typescript";
import { root } from "./source.ts";

/** Every name that the entry points export without a comment, and every method of such a class. */
export function undocumented(
  entries: readonly string[],
  virtual: Readonly<Record<string, string>> = {},
): string[] {
  const program = programOf(entries, virtual);
  const checker = program.getTypeChecker();
  const bare: string[] = [];
  for (const entry of entries) {
    const file = program.getSourceFile(entry);
    const module = file && checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`${entry} is no module`);
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = declared(exported, checker);
      if (!hasComment(symbol, checker)) bare.push(symbol.name);
      for (const method of publicMethods(symbol)) {
        if (!hasComment(method, checker)) bare.push(`${symbol.name}.${method.name}`);
      }
    }
  }
  return bare;
}

/** The files with their types. */
export function programOf(
  files: readonly string[],
  virtual: Readonly<Record<string, string>>,
): ts.Program {
  return ts.createProgram([...files], compilerOptions(), hostWith(virtual));
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, root).options;
}

/** Reads the files of the disk, and before them the `virtual` ones. */
function hostWith(virtual: Readonly<Record<string, string>>): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions(), true);
  const onDisk = { fileExists: host.fileExists, readFile: host.readFile };
  host.fileExists = (path) => path in virtual || onDisk.fileExists(path);
  host.readFile = (path) => virtual[path] ?? onDisk.readFile(path);
  return host;
}

function declared(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function hasComment(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  return symbol.getDocumentationComment(checker).length > 0;
}

function publicMethods(symbol: ts.Symbol): ts.Symbol[] {
  if (!(symbol.flags & ts.SymbolFlags.Class)) return [];
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return [...(symbol.members?.values() ?? [])].filter(({ declarations: [first] = [] }) => {
    if (first === undefined || !(ts.isMethodDeclaration(first) || ts.isAccessor(first)))
      return false;
    return ts.isIdentifier(first.name) && !(ts.getCombinedModifierFlags(first) & hidden);
  });
}
