import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../scripts/release.mjs", import.meta.url));
const changelog = `# Changelog

## [Unreleased]

### Fixed

* What was broken.

## [1.2.3] - 2020-01-01

* The beginning.
`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "incumbent-release-"));
  const manifest = { name: "released", version: "1.2.3", repository: "here" };
  put("package.json", JSON.stringify(manifest));
  const lock = { ...manifest, lockfileVersion: 3, packages: { "": manifest } };
  put("package-lock.json", JSON.stringify(lock));
  put("CHANGELOG.md", changelog);
  mkdirSync(join(root, ".ci"));
  checksAre("exit 0");
  mkdirSync(join(root, "scripts"));
  cpSync(script, join(root, "scripts/release.mjs"));
  git("init", "--quiet", "--initial-branch", "main");
  git("config", "user.name", "Somebody");
  git("config", "user.email", "somebody@example.com");
  commit();
  git("tag", "v1.2.3");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("a release", () => {
  test("is a version, its section of the changelog, a commit and a tag", () => {
    const { status, stdout } = release("minor");
    expect(status).toBe(0);
    expect(versions()).toEqual(["1.3.0", "1.3.0", "1.3.0"]);
    const date = new Date().toISOString().slice(0, 10);
    expect(get("CHANGELOG.md")).toBe(
      changelog.replace("[Unreleased]\n", `[Unreleased]\n\n## [1.3.0] - ${date}\n`),
    );
    expect(git("log", "-1", "--format=%s", "v1.3.0")).toBe("Release 1.3.0");
    expect(git("cat-file", "-t", "v1.3.0")).toBe("tag");
    expect(git("status", "--porcelain")).toBe("");
    expect(stdout).toContain("npm publish --provenance --access public ");
  });

  test("that is only tried changes nothing, and shows the notes", () => {
    const { status, stdout } = release("patch", "--dry-run");
    expect(status).toBe(0);
    expect(stdout).toContain("released 1.2.4");
    expect(stdout).toContain("* What was broken.");
    expect(stdout).not.toContain("The beginning");
    expectNothingReleased();
  });

  test("of a version before the final one does not become what people install", () => {
    expect(release("2.0.0-rc.1").stdout).toContain("--tag next");
    expect(versions()).toEqual(["2.0.0-rc.1", "2.0.0-rc.1", "2.0.0-rc.1"]);
  });

  test("of a version that was set but never tagged is possible", () => {
    git("tag", "--delete", "v1.2.3");
    expect(release("1.2.3").status).toBe(0);
    expect(git("tag", "--list")).toBe("v1.2.3");
  });

  test("whose checks fail leaves the tree as it was", () => {
    checksAre("echo broken; exit 1");
    commit();
    expect(release("major").stderr).toContain(".ci/run has failed");
    expectNothingReleased();
  });

  test("whose checks change a file leaves that to be looked at", () => {
    checksAre("echo more >> scripts/release.mjs");
    commit();
    expect(release("major").stderr).toContain("have changed scripts/release.mjs");
    expect(git("status", "--porcelain")).toBe("M scripts/release.mjs");
    expect(versions()).toEqual(["1.2.3", "1.2.3", "1.2.3"]);
  });

  test("says when npm would refuse its provenance", () => {
    expect(release("patch", "--dry-run").stdout).not.toContain("repository");
    put("package.json", `{ "name": "released", "version": "1.2.3" }`);
    commit();
    expect(release("patch", "--dry-run").stdout).toContain("has no `repository`");
  });
});

describe("no release is made", () => {
  const refused: readonly [why: string, prepare: () => void, version: string, says: string][] = [
    ["without a version", () => {}, "", "is no version"],
    ["of a version before the present one", () => {}, "1.2.2", "1.2.2 is before 1.2.3"],
    ["of a version that was released", () => {}, "1.2.3", "there is a tag v1.2.3 already"],
    ["of a dirty tree", () => put("new.txt", ""), "patch", "?? new.txt"],
    ["of another branch", () => git("switch", "-q", "-c", "other"), "patch", `not on "other"`],
    [
      "of nothing",
      () => {
        put("CHANGELOG.md", changelog.replace("* What was broken.", ""));
        commit();
      },
      "patch",
      "says of no change",
    ],
  ];

  test.each(refused)("%s", (_why, prepare, version, says) => {
    prepare();
    const { status, stderr } = release(version);
    expect(stderr).toContain(says);
    expect(status).toBe(1);
    expect(versions()).toEqual(["1.2.3", "1.2.3", "1.2.3"]);
    expect(git("tag", "--list")).toBe("v1.2.3");
  });
});

function release(...args: string[]) {
  const path = join(root, "scripts/release.mjs");
  return spawnSync(process.execPath, [path, ...args], { cwd: root, encoding: "utf8" });
}

function expectNothingReleased(): void {
  expect(versions()).toEqual(["1.2.3", "1.2.3", "1.2.3"]);
  expect(get("CHANGELOG.md")).toBe(changelog);
  expect(git("tag", "--list")).toBe("v1.2.3");
  expect(git("status", "--porcelain")).toBe("");
}

/** In the manifest, and twice in the lock file. */
function versions(): string[] {
  const lock = JSON.parse(get("package-lock.json"));
  return [JSON.parse(get("package.json")).version, lock.version, lock.packages[""].version];
}

function checksAre(command: string): void {
  writeFileSync(join(root, ".ci/run"), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
}

function commit(): void {
  git("add", "--all");
  git("commit", "--quiet", "--allow-empty", "--message", "A change");
}

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}

function put(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

function get(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
