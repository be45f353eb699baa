import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { entryPoints } from "../entry-points.mjs";
import { launch } from "./process.mjs";
import { cache, npmInstall } from "./tools.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The package as npm publishes it, and a project that has installed it from that tarball. */
export async function installPackage() {
  const scratch = mkdtempSync(join(tmpdir(), "incumbent-project-"));
  process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
  const pack = ["npm", "pack", "--json", "--pack-destination", scratch];
  const { stdout } = await launch(pack, { cwd: root, limit: 120_000 }).ends();
  const [tarball] = JSON.parse(stdout);

  const project = join(scratch, "project");
  const { ioredis, "@types/node": types } = manifest.devDependencies;
  await npmInstall(project, {
    [manifest.name]: `file:${join(scratch, tarball.filename)}`,
    ioredis,
    "@types/node": types,
  });
  cpSync(fileURLToPath(new URL("project", import.meta.url)), project, { recursive: true });
  const all = entryPoints.map(
    ({ specifier }, index) => `export * as entry${index} from "${specifier}";\n`,
  );
  writeFileSync(join(project, "entries.ts"), all.join(""));
  return { version: manifest.version, tarball, project };
}

/**
 * Lends better-sqlite3 to the project while `use` runs. The checkout has it compiled already; where
 * that was for another Node.js, it is compiled once more for this one, and kept.
 */
export async function withBetterSqlite(project, runtime, report, use) {
  const lent = join(project, "node_modules/better-sqlite3");
  symlinkSync(await betterSqliteFor(runtime, report), lent);
  try {
    return await use();
  } finally {
    rmSync(lent);
  }
}

async function betterSqliteFor({ command: [node] }, report) {
  const loads = async (path) => {
    const code = `new (require(${JSON.stringify(path)}))(":memory:").close()`;
    return existsSync(path) && (await launch([node, "--eval", code]).ends().then(yes, no));
  };
  const ours = join(root, "node_modules/better-sqlite3");
  if (await loads(ours)) return ours;
  const own = join(cache, "better-sqlite3");
  const compiled = join(own, "node_modules/better-sqlite3");
  if (await loads(compiled)) return compiled;
  report("compiling better-sqlite3 …");
  await npmInstall(
    own,
    { "better-sqlite3": manifest.devDependencies["better-sqlite3"] },
    {
      PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
      npm_config_nodedir: join(dirname(node), ".."), // Its headers came with it.
    },
  );
  return compiled;
}

const yes = () => true;
const no = () => false;
