// An import, so that Jest gives its own, by which a test can replace a client; and by its default: webpack resolves what
// is made by a `createRequire` that was imported by name, and breaks it.
import nodeModule from "node:module";
import { join } from "node:path";
import { builtin } from "./builtin.ts";

/** This file. In a bundle: the bundle, which has no `import.meta` if a bundler made CommonJS of a module. */
const here = import.meta.url ?? (typeof __filename === "string" ? __filename : undefined);

/**
 * From where packages are looked for: this package's own place, where a peer is installed as a rule, and
 * the application's, for a package that is linked into it from elsewhere.
 */
const places = [here, process.argv[1]].filter((place) => place !== undefined);

/**
 * Looks in the working directory too. For the command, which `npx` and a global installation keep far from
 * the project whose clients it is to use.
 */
export function lookInWorkingDirectory(): void {
  try {
    places.push(join(process.cwd(), "package.json"));
  } catch {
    // It has been removed: there is nothing to look in.
  }
}

/** What a package exports, or nothing if it is not installed. Any other failure to load it is thrown. */
export function optionalPackage(name: string): unknown {
  for (const place of places) {
    try {
      forgetPipes(place);
      return nodeModule.createRequire(place)(name);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return undefined;
}

/**
 * If the last thing that Node.js 20 looked at was a pipe, such as our standard output, `require` does not
 * follow links, and a linked package, as pnpm installs all of them, does not find its own dependencies.
 */
function forgetPipes(place: string): void {
  try {
    builtin.fs.statSync(place.startsWith("file:") ? new URL(place) : place);
  } catch {
    // It is not there, or may not be looked at: the package is looked for as before.
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND";
}
