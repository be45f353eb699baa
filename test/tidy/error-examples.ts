import { relative } from "node:path";
import ts from "typescript";
import { programOf } from "./public-api.ts";
import { nodesOf, root } from "./source.ts";

/**
 * Every place where the example of an error is empty, says `undefined`, or has something in it that may be shown as
 * `undefined` or `[object Object]`.
 */
export function emptyExamplesIn(
  files: readonly string[],
  virtual: Readonly<Record<string, string>> = {},
): string[] {
  const program = programOf(files, virtual);
  const checker = program.getTypeChecker();
  const places: string[] = [];
  for (const path of files) {
    const file = program.getSourceFile(path);
    if (file === undefined) throw new Error(`${path} was not read`);
    for (const node of nodesOf(file)) {
      const value = exampleIn(node);
      if (value === undefined || [...nodesOf(value)].every((part) => isShown(part, checker))) {
        continue;
      }
      const { line } = file.getLineAndCharacterOfPosition(value.getStart());
      places.push(`${relative(root, path)}:${line + 1} has ${value.getText()}`);
    }
  }
  return places;
}

/** `example: …`, `const example = …`, and a constant in capitals that is one. */
function exampleIn(node: ts.Node): ts.Expression | undefined {
  const isNamed = ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node);
  return isNamed && /^example/i.test(node.name.getText()) ? node.initializer : undefined;
}

function isShown(node: ts.Node, checker: ts.TypeChecker): boolean {
  if (ts.isStringLiteralLike(node)) return !/^(undefined|null|)$/.test(node.text);
  if (ts.isTemplateSpan(node)) return isPlain(checker.getTypeAtLocation(node.expression));
  const isText = ts.isCallExpression(node) && node.expression.getText() === "String";
  return !isText || node.arguments.every((shown) => isPlain(checker.getTypeAtLocation(shown)));
}

const PLAIN = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike;

function isPlain(type: ts.Type): boolean {
  return type.isUnion() ? type.types.every(isPlain) : (type.flags & PLAIN) !== 0;
}
