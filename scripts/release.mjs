// Makes the release of this checkout: version, changelog, every check, a commit and a tag. It pushes and
// publishes nothing, but says how. docs/internals/releasing.md has the whole of it.
//
//   npm run release -- minor                or major, patch, or a version such as 1.2.0
//   npm run release -- minor --dry-run      only says what it would do

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const CHANGED = ["CHANGELOG.md", "package-lock.json", "package.json"];

try {
  release(process.argv.slice(2));
} catch (error) {
  console.error(`Not released: ${error.message}`);
  process.exitCode = 1;
}

function release(args) {
  const dryRun = args.includes("--dry-run");
  const [wanted = "", ...more] = args.filter((argument) => argument !== "--dry-run");
  if (more.length > 0) throw new Error(`one version, not ${[wanted, ...more].join(" and ")}.`);
  const manifest = JSON.parse(read("package.json"));
  const version = versionAfter(manifest.version, wanted);
  const tag = `v${version}`;
  checkTree(tag);
  const { changelog, notes } = changelogWith(read("CHANGELOG.md"), version, today());

  console.log(`${manifest.name} ${version}, with these notes:\n\n${notes}\n`);
  if (manifest.repository === undefined) {
    console.log("package.json has no `repository`: npm will refuse to publish with provenance.\n");
  }
  if (dryRun) {
    console.log(`Would write ${CHANGED.join(", ")}, run .ci/run, commit, and tag ${tag}.`);
    return;
  }
  try {
    write(changelog, version);
    check();
    git("commit", "--quiet", "--message", `Release ${version}`, "--", ...CHANGED);
  } catch (error) {
    // The tree was clean, so nothing else than what was written here can be lost.
    git("restore", "--staged", "--worktree", "--", ...CHANGED);
    throw error;
  }
  git("tag", "--annotate", tag, "--message", `${manifest.name} ${version}`);
  const channel = version.includes("-") ? " --tag next" : "";
  console.log(`Committed and tagged ${tag}. To publish it:

  git push --atomic origin main ${tag}
  npm publish --provenance --access public${channel}     # in the job for the tag: docs/internals/releasing.md`);
}

/** A version that was set but never tagged can still be released. */
function versionAfter(current, wanted) {
  const numbers = current.split("-")[0].split(".").map(Number);
  const place = ["major", "minor", "patch"].indexOf(wanted);
  if (place >= 0) {
    return numbers.map((part, at) => (at < place ? part : at === place ? part + 1 : 0)).join(".");
  }
  const given = /^(\d+)\.(\d+)\.(\d+)(-[a-z]+\.\d+)?$/.exec(wanted);
  if (given === null) {
    throw new Error(`"${wanted}" is no version. Give major, minor, patch, 1.2.0 or 1.2.0-rc.1.`);
  }
  const difference = numbers.map((part, at) => Number(given[at + 1]) - part).find((by) => by !== 0);
  if (difference < 0) throw new Error(`${wanted} is before ${current}.`);
  return wanted;
}

function checkTree(tag) {
  const branch = git("branch", "--show-current");
  if (branch !== "main") throw new Error(`releases are made on main, not on "${branch}".`);
  const changes = git("status", "--porcelain");
  if (changes !== "") throw new Error(`the tree is not clean:\n${changes}`);
  if (git("tag", "--list", tag) !== "") throw new Error(`there is a tag ${tag} already.`);
}

/** What is unreleased becomes the version's; a release that changes nothing is a mistake. */
function changelogWith(changelog, version, date) {
  const heading = "## [Unreleased]\n";
  const [before, since] = changelog.split(heading);
  if (since === undefined) throw new Error("CHANGELOG.md has no section [Unreleased].");
  const [notes] = since.split(/^## /m);
  if (!/^[*-] /m.test(notes)) throw new Error("CHANGELOG.md says of no change in [Unreleased].");
  const released = `${before}${heading}\n## [${version}] - ${date}\n${since}`;
  return { changelog: released, notes: notes.trim() };
}

function write(changelog, version) {
  writeFileSync(join(root, "CHANGELOG.md"), changelog);
  const flags = ["--no-git-tag-version", "--allow-same-version", "--ignore-scripts"];
  execFileSync("npm", ["version", version, ...flags], { cwd: root, stdio: "pipe" });
}

function check() {
  process.on("SIGINT", () => {}); // Ends the checks; here, it is a failure like others.
  const { status } = spawnSync(join(root, ".ci/run"), { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error(".ci/run has failed.");
  const written = git("diff", "--name-only", "HEAD").split("\n");
  const others = written.filter((path) => !CHANGED.includes(path) && path !== "");
  if (others.length > 0) throw new Error(`the checks have changed ${others.join(", ")}.`);
}

function read(path) {
  return readFileSync(join(root, path), "utf8");
}

function git(...args) {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}

function today() {
  return new Date().toISOString().slice(0, 10);
}
