import { dirname, resolve } from "node:path";
import { builtin } from "../../builtin.ts";
import { parseYaml, type Yaml } from "./yaml-text.ts";

/** A mapping of a kubeconfig. */
export type Fields = { readonly [name: string]: Yaml };

/** What a kubeconfig says of the current context. */
export interface KubeconfigChoice {
  readonly context: Fields;
  readonly cluster: Fields;
  readonly user: Fields;
}

/** A field that names a file does so relative to the file that it stands in. */
const FILES = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/**
 * What the files say together, of which the first one that names something counts, as for kubectl. Throws an error
 * that says what is missing.
 */
export function readKubeconfig(paths: readonly string[]): KubeconfigChoice {
  const files = paths.map((path) => ({ path, content: fieldsOf(parse(path)) }));
  const find = (list: string, kind: string, name: Yaml): Fields => {
    for (const { path, content } of files) {
      const entry = listOf(content[list]).find((each) => fieldsOf(each)["name"] === name);
      if (entry !== undefined) return withPaths(fieldsOf(fieldsOf(entry)[kind]), dirname(path));
    }
    throw new Error(`it has no ${kind} ${JSON.stringify(name)}`);
  };
  const current = files.map(({ content }) => textOf(content["current-context"])).find(Boolean);
  if (current === undefined) throw new Error("it has no current-context");
  const context = find("contexts", "context", current);
  const cluster = find("clusters", "cluster", context["cluster"]);
  const user = context["user"] === undefined ? {} : find("users", "user", context["user"]);
  return { context, cluster, user };
}

export function textOf(value: Yaml): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The PEM of `NAME-data`, in base64, or of the file that `NAME` says. */
export function pemOf(fields: Fields, name: string): string | undefined {
  const data = textOf(fields[`${name}-data`]);
  if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
  const path = textOf(fields[name]);
  return path === undefined ? undefined : builtin.fs.readFileSync(path, "utf8");
}

function parse(path: string): Yaml {
  const text = builtin.fs.readFileSync(path, "utf8");
  try {
    return parseYaml(text);
  } catch {
    throw new Error(`${path} has YAML that only @kubernetes/client-node reads: install it`);
  }
}

function withPaths(fields: Fields, folder: string): Fields {
  const entries = Object.entries(fields).map(([name, value]) => {
    const isPath = FILES.includes(name) && typeof value === "string" && value !== "";
    return [name, isPath ? resolve(folder, value) : value] as const;
  });
  return Object.fromEntries(entries);
}

function fieldsOf(value: Yaml): Fields {
  const isMapping = typeof value === "object" && !Array.isArray(value);
  return isMapping ? (value as Fields) : {}; // It is neither a text nor a list.
}

function listOf(value: Yaml): readonly Yaml[] {
  return Array.isArray(value) ? value : [];
}
