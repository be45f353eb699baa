import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/**
 * What users can import, as `exports` in package.json has it: the name to import, such as
 * `incumbent/redis`, and the name of its file in src/ and dist/, such as `redis`.
 */
export const entryPoints = Object.keys(manifest.exports)
  .filter((path) => path !== "./package.json")
  .map((path) => ({
    specifier: manifest.name + path.slice(1),
    name: path === "." ? "index" : path.slice(2),
  }));
