import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  const command = tool.command.map((part) =>
    part === process.execPath ? part : join(folder, "node_modules", part),
  );
  const version = async () => {
    const { stdout } = await launch([...command, "--version"]).ends();
    return /\d+\.\d+\.\d+\S*/.exec(stdout)[0];
  };
  try {
    return { ...tool, command, version: await version() };
  } catch {
    report(`installing ${tool.name} …`);
    await npmInstall(folder, tool.packages);
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
