import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Where the project is. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

export function readProjectFile(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The names of an interface's members. */
export function membersOf(path: string, interfaceName: string): string[] {
  const found = parseSource(path).statements.find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === interfaceName,
  );
  if (found === undefined) throw new Error(`${path} has no interface ${interfaceName}`);
  return found.members.map((member) => member.name?.getText() ?? "");
}

/** The texts of a union of string literals. */
export function literalsOf(path: string, typeName: string): string[] {
  const found = parseSource(path).statements.find(
    (statement): statement is ts.TypeAliasDeclaration =>
      ts.isTypeAliasDeclaration(statement) && statement.name.text === typeName,
  );
  if (found === undefined || !ts.isUnionTypeNode(found.type)) {
    throw new Error(`${path} has no union ${typeName}`);
  }
  return found.type.types.map((type) => type.getText().slice(1, -1));
}

export interface SourceImport {
  /** Relative to the module, as it is written. */
  readonly target: string;
  readonly typeOnly: boolean;
}

/** What a module imports or passes on, also later. */
export function importsOf(path: string): SourceImport[] {
  const source = parseSource(path);
  const imports: SourceImport[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      imports.push({ target: node.moduleSpecifier.text, typeOnly: isTypeImport(node) });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      const target = node.moduleSpecifier.getText().slice(1, -1);
      imports.push({ target, typeOnly: node.isTypeOnly });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const target = node.arguments[0]?.getText().slice(1, -1) ?? "";
      imports.push({ target, typeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = importClause.namedBindings;
  return (
    importClause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

function parseSource(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readProjectFile(path), ts.ScriptTarget.Latest, true);
}
