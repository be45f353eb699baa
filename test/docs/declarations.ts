import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root, sourceOf } from "../tidy/source.ts";

/** The text of a file, by its path below the root of the project. */
export function readProjectFile(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The names of an interface's members. */
export function membersOf(path: string, interfaceName: string): string[] {
  const found = statementsOf(path)
    .filter(ts.isInterfaceDeclaration)
    .find(({ name }) => name.text === interfaceName);
  if (found === undefined) throw new Error(`${path} has no interface ${interfaceName}`);
  return found.members.map((member) => member.name?.getText() ?? "");
}

/** The texts of a union of string literals. */
export function literalsOf(path: string, typeName: string): string[] {
  const found = statementsOf(path)
    .filter(ts.isTypeAliasDeclaration)
    .find(({ name }) => name.text === typeName);
  if (found === undefined || !ts.isUnionTypeNode(found.type)) {
    throw new Error(`${path} has no union ${typeName}`);
  }
  return found.type.types.map((type) => type.getText().slice(1, -1));
}

function statementsOf(path: string): readonly ts.Statement[] {
  return sourceOf(path, readProjectFile(path)).tree.statements;
}
