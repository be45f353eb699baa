import ts from "typescript";
import { nodesOf, placeOf, type Source } from "./source.ts";

const TIMERS = ["setTimeout", "setInterval", "setImmediate", "hrtime"];
const CLOCKS = ["Date.now", "performance.now", "performance.timeOrigin", "AbortSignal.timeout"];

/** Every place that touches real time. */
export function realTimeIn(source: Source): string[] {
  return placesWhere(source, (node) => {
    if (ts.isIdentifier(node) && TIMERS.includes(node.text)) return node.text;
    if (ts.isPropertyAccessExpression(node) && CLOCKS.includes(node.getText())) {
      return node.getText();
    }
    if (ts.isNewExpression(node) && node.getText().replace("()", "") === "new Date")
      return "new Date()";
    return undefined;
  });
}

export function randomnessIn(source: Source): string[] {
  return placesWhere(source, (node) =>
    ts.isPropertyAccessExpression(node) && node.getText() === "Math.random"
      ? "Math.random"
      : undefined,
  );
}

/** Every use of what this project does without. */
export function unwantedSyntaxIn(source: Source): string[] {
  return placesWhere(source, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) return "any";
    if (ts.isNonNullExpression(node)) return "a non-null assertion";
    if (ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) {
      return node.exclamationToken === undefined ? undefined : "a definite assignment";
    }
    if (ts.isEnumDeclaration(node)) return "an enum";
    return isDefaultExport(node) ? "a default export" : undefined;
  });
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportSpecifier(node)) return node.name.text === "default";
  return node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent);
}

function placesWhere(source: Source, what: (node: ts.Node) => string | undefined): string[] {
  const places: string[] = [];
  for (const node of nodesOf(source.tree)) {
    const found = what(node);
    if (found !== undefined) places.push(`${placeOf(source, node)} has ${found}`);
  }
  return places;
}
