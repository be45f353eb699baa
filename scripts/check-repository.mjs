// npm shows the README, and resolves its links by `repository`: without it they would all be dead.

import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
if (manifest.repository === undefined) {
  console.error(
    "Not published: package.json has no `repository`, so the README's links would lead nowhere.",
  );
  process.exitCode = 1;
}
