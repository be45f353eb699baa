import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpackFromDebian } from "./debian.mjs";
import { launch } from "./process.mjs";

/** Where the runtimes and compilers are kept between runs. Delete it to get newer ones. */
export const cache = process.env.INCUMBENT_RUNTIMES_CACHE || join(tmpdir(), "incumbent-runtimes");

const node = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

const nodeJs = (major, more) => ({
  name: `node ${major}`,
  packages: { [node]: `${major}` },
  command: [`${node}/bin/node`],
  ...more,
});

/** Each is a package, so that nothing but npm is needed to get them. Syntax as of those versions. */
export const runtimes = [
  nodeJs(20, { sqlite: "better-sqlite3" }),
  nodeJs(22),
  nodeJs(24, { awaitUsing: true }),
  nodeJs(26, { awaitUsing: true }),
  { name: "bun 1", packages: { bun: "1" }, command: ["bun/bin/bun.exe"], awaitUsing: true },
  {
    name: "deno 2",
    packages: { deno: "2" },
    command: ["deno/deno"],
    flags: ["run", "--allow-all", "--no-prompt"],
    awaitUsing: true,
  },
];

export const compilers = ["5.4", "5.7", "5.9", "6.0", "7.0"].map((version) => ({
  name: `typescript ${version}`,
  packages: { typescript: version },
  command: [process.execPath, "typescript/bin/tsc"],
}));

const bothFormats = ["one-file.mjs", "one-file.cjs"];

/** Each makes one CommonJS file of a source and of all that it imports. */
export const bundlers = [
  {
    name: "esbuild",
    packages: { esbuild: "0" },
    command: ["esbuild/bin/esbuild"],
    sources: bothFormats,
    bundle: (source, folder) => ({
      args: [
        ...[source, "--bundle", "--platform=node", "--format=cjs", "--log-level=error"],
        `--outfile=${join(folder, "main.cjs")}`,
      ],
      file: "main.cjs",
    }),
  },
  {
    name: "webpack",
    packages: { webpack: "5", "webpack-cli": "7" },
    command: [process.execPath, "webpack-cli/bin/cli.js"],
    sources: bothFormats,
    bundle: (source, folder) => ({
      args: [
        ...["--mode", "production", "--target", "node", "--entry", source],
        ...["--output-path", folder, "--output-filename", "main.cjs"],
      ],
      file: "main.cjs",
    }),
  },
  {
    name: "ncc",
    packages: { "@vercel/ncc": "0" },
    command: [process.execPath, "@vercel/ncc/dist/ncc/cli.js"],
    // It makes a module of a module.
    sources: ["one-file.cjs"],
    bundle: (source, folder) => ({
      args: ["build", source, "--out", folder, "--quiet"],
      file: "index.cjs",
    }),
  },
];

export const testRunners = [
  {
    name: "jest",
    packages: { jest: "30" },
    command: [process.execPath, "jest/bin/jest.js"],
    args: [],
  },
  {
    // Tests with `import` that Babel turns into CommonJS, as many projects have them.
    name: "jest-babel",
    packages: { jest: "30", "@babel/preset-env": "7" },
    command: [process.execPath, "jest/bin/jest.js"],
    args: ["--config", JSON.stringify({ transform: { "\\.js$": babelJest() } })],
  },
  {
    name: "vitest",
    packages: { vitest: "4" },
    command: [process.execPath, "vitest/vitest.mjs"],
    args: ["run", "--globals"],
  },
];

/** From its own folder: the project that is tested has neither Babel nor a configuration of it. */
function babelJest() {
  const modules = join(cache, "jest-babel", "node_modules");
  const targets = { node: "current" };
  return [
    join(modules, "babel-jest"),
    { presets: [[join(modules, "@babel/preset-env"), { targets }]] },
  ];
}

/** The one that this runs under. Nothing to install. */
export const thisNode = {
  name: "npx",
  packages: {},
  command: [process.execPath],
  sqlite: process.getBuiltinModule("node:sqlite") ? undefined : "better-sqlite3",
};

/** The tool with the command that runs it and its version; installed unless it is there and works. */
export async function installed(tool, report) {
  const folder = join(cache, tool.name.replace(" ", "-"));
  mkdirSync(folder, { recursive: true });
  const programs = join(folder, tool.release === undefined ? "node_modules" : "bin");
  const command = tool.command.map((part) =>
    part === process.execPath ? part : join(programs, part),
  );
  const version = async () => {
    // Webpack says the version of the one in the working directory.
    const { stdout } = await launch([...command, "--version"], { cwd: folder }).ends();
    return /\d+(\.\d+)+\S*/.exec(stdout)[0];
  };
  try {
    return { ...tool, command, version: await version() };
  } catch {
    report(`installing ${tool.name} …`);
    const { packages } = tool;
    if (tool.release !== undefined) await unpackFromDebian(folder, tool);
    else await npmInstall(folder, typeof packages === "function" ? await packages() : packages);
    return { ...tool, command, version: await version() };
  }
}

/** Installs these packages, and nothing else, into a folder. */
export async function npmInstall(folder, packages, env = {}) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // npm 12 and, if so configured, npm 11 run only the install scripts that are allowed.
  const allowScripts = Object.fromEntries(Object.keys(packages).map((name) => [name, true]));
  const project = { private: true, type: "module", dependencies: packages, allowScripts };
  writeFileSync(join(folder, "package.json"), JSON.stringify(project, null, 2));
  const flags = ["--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline"];
  const npm = launch(["npm", "install", ...flags], { cwd: folder, env, limit: 600_000 });
  await npm.ends();
}
