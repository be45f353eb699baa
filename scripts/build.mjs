// dist/ from src/: the compiler checks the types and removes them, and rollup puts what is left into few files,
// in two formats. docs/internals/decisions/0050-few-files-in-two-formats.md says why. Silent unless it fails.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { entryPoints } from "./entry-points.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
/** What the compiler makes of src/, file by file. */
const compiled = join(root, "build/src");

/**
 * The files with what several entry points use, by the folders of src/ that they hold; what is not in any of these, and
 * not an entry point's own, is in `core`.
 */
const SHARED = Object.entries({
  "stores/connections/timer.js": "core",
  "stores/connections/": "stores/connections",
  "stores/sql/": "stores/sql",
  "stores/redis/": "stores/redis",
  "stores/observed/": "stores/observed",
  "stores/registers/": "stores/observed",
  "stores/http/": "stores/observed",
  "observability/": "observability",
  "http/": "http/handlers",
  "cli/": "cli/main",
});

/**
 * Classes that users have may extend one that they cannot import: no type of theirs has to name it. And a folder that
 * stores share may have no types that users see.
 */
const EXPECTED =
  /references private shared type exports with no public re-export: (ClosingElector|ObservedStore|, )+\.|^Generated an empty chunk/;

/** Brings the maps of the compiler, and the place of a CommonJS file, which has no `import.meta`. */
const compilerOutput = {
  name: "compiler output",
  load: (file) => ({ code: readFileSync(file, "utf8"), map: readFileSync(`${file}.map`, "utf8") }),
  resolveImportMeta: (name, { format }) =>
    name === "url" && format === "cjs" ? "__filename" : null,
};

const code = { plugins: [compilerOutput], sourcemap: true, manualChunks: chunkOf };
const modules = { ...code, format: "es", extension: "js" };
const commonJs = { ...code, format: "cjs", extension: "cjs" };
const types = { plugins: [dts()], format: "es", manualChunks: chunkOfTypes };

compile();
rmSync(dist, { recursive: true, force: true });
await bundle({ ...entriesWith("js"), "cli/main": "cli/main.js" }, modules);
await bundle(entriesWith("js"), commonJs);
// By itself, so that the process that guards a command loads only what it needs.
const guard = { "cli/guard-process": "cli/supervise/guard-process.js" };
await bundle(guard, { ...modules, manualChunks: undefined });
await bundle(entriesWith("d.ts"), { ...types, extension: "d.ts" });
await bundle(entriesWith("d.ts"), { ...types, extension: "d.cts" });
chmodSync(join(dist, "cli/main.js"), 0o755);

/** Is quick the second time, since it keeps what it knows. Files that are gone stay there, and nothing imports them. */
function compile() {
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  const compiler = [join(typescript, "bin/tsc"), "-p", join(root, "tsconfig.build.json")];
  const { status } = spawnSync(process.execPath, compiler, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function entriesWith(extension) {
  return Object.fromEntries(entryPoints.map(({ name }) => [name, `${name}.${extension}`]));
}

/** Writes a file for each of the `inputs`, and those that they share. */
async function bundle(inputs, { plugins, extension, ...output }) {
  const paths = Object.entries(inputs).map(([name, file]) => [name, join(compiled, file)]);
  const build = await rollup({
    input: Object.fromEntries(paths),
    plugins,
    external: (name) => !/^[./]/.test(name),
    preserveEntrySignatures: "strict",
    onLog: (_level, { message }) => {
      if (!EXPECTED.test(message)) throw new Error(message);
    },
  });
  const { output: files } = await build.generate({
    ...output,
    dir: dist,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `[name].${extension}`,
    generatedCode: { preset: "es2015", symbols: false },
    hoistTransitiveImports: false,
    onlyExplicitManualChunks: true,
    minifyInternalExports: false,
  });
  await build.close();
  for (const file of files) if (file.type === "chunk") write(file);
}

function chunkOf(file) {
  const path = pathOf(file);
  const shared = SHARED.find(([folder]) => path.startsWith(folder));
  if (shared !== undefined) return shared[1];
  return isOfOneEntryPoint(path) ? undefined : "core";
}

/** All types are in one file, since they cost nothing at run time, and an entry point says which of them it exports. */
function chunkOfTypes(file, { getModuleInfo }) {
  return getModuleInfo(file).isEntry ? undefined : "core";
}

/** Is in its file then, and in no other one. */
function isOfOneEntryPoint(path) {
  return entryPoints.some(({ name }) =>
    [`${name}.`, `${name}/`, `stores/${name}/`].some((own) => path.startsWith(own)),
  );
}

function pathOf(file) {
  return relative(compiled, file).replaceAll(sep, "/");
}

/** With a map if there is code of ours in it, and not only what it passes on from another file. */
function write({ fileName, code, map, modules }) {
  const path = join(dist, fileName);
  const isMapped = map && Object.values(modules).some(({ renderedLength }) => renderedLength > 0);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, isMapped ? code : code.replace(/\/\/# sourceMappingURL=.*\n$/, ""));
  if (isMapped) writeFileSync(`${path}.map`, map.toString());
}
