import { posix } from "node:path";
import ts from "typescript";
import { entryPoints } from "../../scripts/entry-points.mjs";
import { nodesOf, placeOf, type Source } from "./source.ts";

/** What a folder or file may import, beside itself. A name that ends in `/` or `:` is a beginning. */
interface Allowed {
  /** Code, and with it types. */
  readonly code?: readonly string[];
  /** By `import type` only. */
  readonly types?: readonly string[];
  /** By `import()` only. */
  readonly dynamic?: readonly string[];
}

// No file may import cli/: no row names it.
const everything = [
  ...["election/", "elector/", "stores/", "observability/"],
  ...["errors.ts", "input.ts", "fenced-term.ts"],
];

const nodeJs = ["node:", "builtin.ts"];

/** What a store on a register uses. */
const registers = [
  ...["errors.ts", "input.ts", "redact.ts", "optional-package.ts"],
  ...["stores/observed/", "stores/guard-options.ts", "stores/url-parameters.ts"],
  ...["stores/servers-url.ts", "stores/registers/"],
  ...["stores/diagnosis.ts", "stores/server-checks.ts"],
];

/** Which files may import what. The first row that fits a file counts; a file without a row is at fault. */
const architecture: Readonly<Record<string, Allowed>> = {
  "election/": {},
  "errors.ts": { code: ["redact.ts"], types: ["election/"] },
  "unseen.ts": {},
  "redact.ts": {},
  "input.ts": { code: ["errors.ts", "redact.ts", "unseen.ts"] },
  "fenced-term.ts": { code: ["errors.ts", "input.ts"] },
  "builtin.ts": {},
  "boot-time.ts": { code: [...nodeJs] },
  "optional-package.ts": { code: [...nodeJs] },

  "stores/lease-store.ts": { types: ["election/"] },
  "stores/lease-rules.ts": { types: ["election/", "stores/lease-store.ts"] },
  "stores/ruled-store.ts": {
    code: ["stores/lease-rules.ts"],
    types: ["stores/lease-store.ts"],
  },
  "stores/diagnosis.ts": { code: ["errors.ts"], types: ["stores/lease-store.ts"] },
  "stores/server-checks.ts": {
    code: ["stores/diagnosis.ts"],
    types: ["stores/lease-store.ts"],
  },
  "stores/shared-stores.ts": { types: ["stores/lease-store.ts"] },
  "stores/url-parameters.ts": { code: ["input.ts"] },
  "stores/servers-url.ts": { code: ["input.ts", "stores/url-parameters.ts"] },
  "stores/observed/": {
    code: ["errors.ts", "stores/lease-rules.ts", "stores/diagnosis.ts"],
    types: ["stores/lease-store.ts"],
  },
  "stores/guard-options.ts": { code: ["input.ts"] },
  "stores/stored-text.ts": {},
  "stores/registers/": {
    code: [...nodeJs, "errors.ts", "input.ts", "redact.ts", "stores/connections/"],
    types: ["stores/observed/"],
  },
  "stores/nats/": {
    code: [...registers, "stores/connections/"],
    types: ["stores/lease-store.ts"],
  },
  "stores/consul/": { code: [...registers, "stores/http/"], types: ["stores/lease-store.ts"] },
  "stores/zookeeper/": {
    code: [...nodeJs, ...registers, "stores/connections/", "stores/http/"],
    types: ["stores/lease-store.ts"],
  },
  "stores/dynamodb/": { code: registers, types: ["stores/lease-store.ts"] },
  "stores/connections/": { code: ["errors.ts"], types: ["stores/lease-store.ts"] },
  "stores/sql/": {
    code: [
      "fenced-term.ts",
      ...["errors.ts", "input.ts", "stores/guard-options.ts", "stores/stored-text.ts"],
      ...["stores/url-parameters.ts", "stores/diagnosis.ts"],
      "stores/connections/",
    ],
    types: ["stores/lease-store.ts"],
  },
  "stores/http/": { code: [...nodeJs, "errors.ts", "redact.ts"] },
  "stores/kubernetes/": {
    code: [
      ...[...nodeJs, "errors.ts", "input.ts", "redact.ts", "optional-package.ts"],
      ...["stores/connections/", "stores/guard-options.ts", "stores/url-parameters.ts"],
      ...[
        "stores/diagnosis.ts",
        "stores/server-checks.ts",
        "stores/http/",
        "stores/observed/",
        "stores/registers/",
      ],
    ],
    types: ["stores/lease-store.ts"],
  },
  "stores/redis/client/": {
    code: ["errors.ts", "input.ts", "redact.ts", "stores/connections/"],
    types: ["election/"],
  },
  "stores/redis/url/": {
    code: [
      ...["input.ts", "stores/url-parameters.ts", "stores/servers-url.ts"],
      "stores/redis/redis-options.ts",
    ],
  },
  "stores/redis/sentinel/": {
    code: ["errors.ts", "input.ts", "stores/connections/", "stores/redis/client/"],
  },
  "stores/redis/connection/": {
    code: [
      ...["errors.ts", "optional-package.ts", "stores/connections/"],
      ...["stores/redis/client/", "stores/redis/sentinel/", "stores/redis/url/"],
    ],
  },
  "stores/redis/script/": {
    code: [...nodeJs, "errors.ts", "input.ts", "stores/connections/", "stores/redis/client/"],
    types: ["stores/lease-store.ts", "stores/redis/guard-settings.ts"],
  },
  "stores/redis/diagnosis/": {
    code: [
      ...["errors.ts", "stores/diagnosis.ts", "stores/server-checks.ts"],
      ...["stores/redis/client/", "stores/redis/connection/", "stores/redis/script/"],
    ],
    types: ["stores/lease-store.ts", "stores/redis/guard-settings.ts"],
  },
  "stores/redis-quorum/": {
    code: ["errors.ts", "input.ts", "stores/connections/", "stores/diagnosis.ts", "stores/redis/"],
    types: ["stores/lease-store.ts"],
  },
  "stores/etcd/": {
    code: [
      ...["stores/connections/", "stores/diagnosis.ts", "stores/server-checks.ts"],
      ...[...nodeJs, "errors.ts", "input.ts", "redact.ts"],
      ...["stores/observed/", "stores/url-parameters.ts"],
      ...["stores/http/", "stores/registers/"],
    ],
    types: ["election/", "stores/lease-store.ts"],
  },
  "stores/*/": {
    code: [
      ...nodeJs,
      "errors.ts",
      "input.ts",
      "fenced-term.ts",
      "redact.ts",
      "boot-time.ts",
      "optional-package.ts",
      "stores/lease-rules.ts",
      "stores/ruled-store.ts",
      "stores/servers-url.ts",
      "stores/url-parameters.ts",
      "stores/guard-options.ts",
      "stores/stored-text.ts",
      "stores/diagnosis.ts",
      "stores/server-checks.ts",
      "stores/connections/",
      "stores/sql/",
    ],
    types: ["election/", "stores/lease-store.ts"],
  },

  "elector/time/": { code: [...nodeJs, "boot-time.ts"] },
  // What is on its way to the store knows no terms, and terms know no requests.
  "elector/requests/": {
    code: ["errors.ts", "input.ts", "elector/time/", "elector/environment.ts"],
    types: [
      "election/",
      "stores/lease-store.ts",
      "elector/events.ts",
      "elector/loop-listener.ts",
      "elector/options.ts",
    ],
  },
  "elector/terms/": {
    code: [
      ...nodeJs,
      "errors.ts",
      "elector/time/",
      "elector/leader-view.ts",
      "elector/events.ts",
      "elector/status.ts",
    ],
    types: ["election/", "stores/lease-store.ts", "elector/loop-listener.ts", "elector/options.ts"],
  },
  "elector/": {
    code: [...[...nodeJs, "errors.ts", "input.ts", "boot-time.ts", "election/"], "elector/log.ts"],
    types: ["stores/lease-store.ts"],
  },
  "../simulation/redis/": { code: [...nodeJs, "stores/redis/script/redis-scripts.ts"] },
  "../simulation/exhaustive/": {
    code: ["election/", "../simulation/redis/", "stores/redis-quorum/"],
    types: ["stores/lease-store.ts", "stores/redis/redis-node.ts"],
  },
  "observability/": { code: ["input.ts"], types: ["election/", "errors.ts", "elector/events.ts"] },

  ...Object.fromEntries(entryPoints.map(({ name }) => [`${name}.ts`, { code: everything }])),
  "store.ts": { code: ["errors.ts", "stores/"] },

  "http.ts": { code: ["http/"] },
  "http/": { code: [...nodeJs, "input.ts", "redact.ts", "elector/"] },

  "nestjs.ts": { code: ["nestjs/"] },
  "nestjs/": { code: ["input.ts", "elector/", "http/readiness.ts"] },

  "fencing.ts": { code: ["fencing/", "fenced-term.ts"] },
  "fencing/": { code: ["errors.ts", "input.ts", "fenced-term.ts"], types: ["node:"] },

  // Only these entry points import the kits.
  "conformance/": {
    code: [...nodeJs, "errors.ts", "input.ts"],
    types: ["stores/lease-store.ts"],
  },
  "conformance.ts": { code: ["conformance/"] },
  "testing/": {
    code: [...nodeJs, "elector/", "input.ts", "stores/lease-rules.ts"],
    types: ["stores/lease-store.ts"],
  },
  "testing.ts": { code: ["testing/"] },
  "../simulation/": {
    code: [
      ...[...nodeJs, "errors.ts", "election/", "elector/"],
      ...["stores/redis/", "stores/redis-quorum/", "stores/observed/"],
      ...["stores/connections/", "stores/sql/", "stores/postgres/", "stores/mysql/"],
    ],
    types: ["stores/lease-store.ts"],
  },
  "cli/": {
    code: [
      ...[...nodeJs, "errors.ts", "input.ts", "redact.ts", "optional-package.ts"],
      ...["elector/", "observability/", "http/", "stores/url-parameters.ts"],
    ],
    types: ["stores/lease-store.ts"],
    dynamic: entryPoints.map(({ name }) => `${name}.ts`),
  },
};

type Kind = keyof Allowed;

interface Import {
  readonly node: ts.Node;
  readonly kind: Kind;
  /** As {@link Source.path}, or the name of a package. */
  readonly target: string;
}

/** Every import of the file that the {@link architecture} does not allow. */
export function forbiddenImports(source: Source): string[] {
  const row = Object.keys(architecture).find((name) => fits(name, source.path));
  if (row === undefined) return [`${source.path} has no place in the architecture`];
  const allowed = architecture[row] ?? {};
  return importsOf(source)
    .filter(({ target }) => !isInside(ownFolder(row, source.path), target))
    .filter(({ kind, target }) => !kindsThatAllow(kind).some((way) => lists(allowed[way], target)))
    .map(({ node, kind, target }) => `${placeOf(source, node)} imports ${says[kind]} ${target}`);
}

const says: Record<Kind, string> = { code: "code of", types: "types of", dynamic: "at run time" };

function kindsThatAllow(kind: Kind): Kind[] {
  return kind === "code" ? ["code"] : [kind, "code"];
}

function fits(row: string, path: string): boolean {
  if (!row.endsWith("/")) return row === path;
  return path.startsWith(ownFolder(row, path)) && path !== ownFolder(row, path);
}

/** The folder that a row stands for, `*` being the one that the path is in. */
function ownFolder(row: string, path: string): string {
  const segments = path.split("/");
  return row
    .split("/")
    .map((segment, index) => (segment === "*" ? segments[index] : segment))
    .join("/");
}

function isInside(folder: string, target: string): boolean {
  return folder.endsWith("/") && target.startsWith(folder);
}

function lists(names: readonly string[] = [], target: string): boolean {
  return names.some((name) => (/[/:]$/.test(name) ? target.startsWith(name) : target === name));
}

function importsOf(source: Source): Import[] {
  const imports: Import[] = [];
  for (const node of nodesOf(source.tree)) {
    const found = importAt(node);
    if (found === undefined) continue;
    const { specifier, kind } = found;
    const target = specifier.startsWith(".")
      ? posix.join(posix.dirname(source.path), specifier).replace(/^\.\.\/src\//, "")
      : specifier;
    imports.push({ node, kind, target });
  }
  return imports;
}

function importAt(node: ts.Node): { specifier: string; kind: Kind } | undefined {
  if (ts.isImportDeclaration(node)) {
    const isType = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { specifier: textOf(node.moduleSpecifier), kind: isType ? "types" : "code" };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: textOf(node.moduleSpecifier), kind: node.isTypeOnly ? "types" : "code" };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: textOf(node.argument.literal), kind: "types" };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { specifier: textOf(node.arguments[0]), kind: "dynamic" };
  }
  return undefined;
}

/** A computed name is shown as it is written, and no row allows it. */
function textOf(node: ts.Node | undefined): string {
  if (node === undefined) return "nothing";
  return ts.isStringLiteralLike(node) ? node.text : node.getText();
}

/** Files that import each other, directly or through others; types count too. Each circle once. */
export function importCircles(sources: readonly Source[]): string[] {
  const imports = new Map(
    sources.map((source) => [source.path, importsOf(source).map(({ target }) => target)]),
  );
  const reachable = (from: string): Set<string> => {
    const found = new Set<string>();
    const open = [from];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      for (const target of imports.get(path) ?? []) {
        if (!found.has(target)) open.push(target);
        found.add(target);
      }
    }
    return found;
  };
  const reaches = new Map([...imports.keys()].map((path) => [path, reachable(path)]));
  const circles = [...reaches]
    .filter(([path, found]) => found.has(path))
    .map(([path, found]) => [...found].filter((other) => reaches.get(other)?.has(path)).sort());
  return [...new Set(circles.map((circle) => circle.join(" <-> ")))];
}
