import { existsSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { entryPoints } from "../../scripts/entry-points.mjs";
import { root } from "../tidy/source.ts";

/** A program that stands in a page. */
export interface Snippet {
  /** A name for the file that it becomes. */
  readonly name: string;
  readonly code: string;
  /** For messages: where it stands. */
  readonly place: { readonly page: string; readonly line: number };
}

/** All snippets in one program with the sources, under the project's own compiler options. */
export class SnippetProgram {
  readonly #snippets: ReadonlyMap<string, Snippet>;
  readonly #program: ts.Program;
  readonly #folder = mkdtempSync(join(tmpdir(), "incumbent-docs-"));

  constructor(snippets: readonly Snippet[]) {
    this.#snippets = new Map(snippets.map((snippet) => [this.#pathOf(snippet.name), snippet]));
    const options: ts.CompilerOptions = {
      ...projectOptions(),
      noEmit: false,
      allowImportingTsExtensions: false,
      rewriteRelativeImportExtensions: true,
      rootDir: root,
      outDir: this.#folder,
      paths: Object.fromEntries(
        entryPoints.map(({ specifier, name }) => [specifier, [join(root, "src", `${name}.ts`)]]),
      ),
    };
    this.#program = ts.createProgram([...this.#snippets.keys()], options, this.#host(options));
  }

  /** What the compiler says of the snippets, one line each, with the place in the page. */
  complaints(): string[] {
    return [...this.#snippets].flatMap(([path, { place }]) => {
      const file = this.#program.getSourceFile(path);
      return ts
        .getPreEmitDiagnostics(this.#program, file)
        .filter((diagnostic) => diagnostic.file === file)
        .map(({ start = 0, messageText }) => {
          const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + place.line;
          return `${place.page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
        });
    });
  }

  /** Compiles everything, so that snippets find the package by its name; gives the path of one. */
  emit(name: string): string {
    this.#program.emit();
    const exports = Object.fromEntries(
      entryPoints.map(({ specifier, name }) => [
        specifier.replace("incumbent", "."),
        `./src/${name}.js`,
      ]),
    );
    // A package may import itself by its name.
    const manifest = { name: "incumbent", type: "module", exports };
    writeFileSync(join(this.#folder, "package.json"), JSON.stringify(manifest));
    const modules = join(this.#folder, "node_modules");
    if (!existsSync(modules)) symlinkSync(join(root, "node_modules"), modules);
    const emitted = join(this.#folder, relative(root, this.#pathOf(name)));
    return emitted.replace(/\.ts$/, ".js");
  }

  /** Where the compiled programs are. The caller removes it. */
  get folder(): string {
    return this.#folder;
  }

  /** Beside the sources, so that packages are found; never written there. */
  #pathOf(name: string): string {
    return join(root, "snippets", `${name}.ts`);
  }

  #host(options: ts.CompilerOptions): ts.CompilerHost {
    const host = ts.createCompilerHost(options);
    const { fileExists, readFile } = host;
    host.fileExists = (path) => this.#snippets.has(path) || fileExists.call(host, path);
    // So that one snippet can import another.
    const folder = dirname(this.#pathOf("any"));
    const { directoryExists } = host;
    host.directoryExists = (path) => path === folder || directoryExists?.call(host, path) === true;
    host.readFile = (path) => this.#textOf(path) ?? readFile.call(host, path);
    host.getSourceFile = (path, version) => {
      const text = host.readFile(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, version);
    };
    return host;
  }

  #textOf(path: string): string | undefined {
    const code = this.#snippets.get(path)?.code;
    // A module in any case, so that snippets do not see each other's names.
    return code === undefined ? undefined : `${code}\nexport {};\n`;
  }
}

function projectOptions(): ts.CompilerOptions {
  const path = join(root, "tsconfig.json");
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(path)).options;
}
