import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { launcherFor } from "../../../src/cli/supervise/launcher.ts";

const PATH = process.env["PATH"];

/** What a program sees of itself. */
const look = `tr "\\0" "\\n" < /proc/$$/environ | sort; tr "\\0" "|" < /proc/$$/cmdline; ls /proc/$$/fd; trap`;
const program = ["sh", "-c", look, "sh", "", "a  b", "é с ∞ \x81", "*", "$HOME", "-u", "A=b"];

/** Every shell that may be `/bin/sh`, as far as it is here. The name that it is called by decides what it does. */
const shells = ["/bin/sh", "/bin/dash", "/bin/bash", "/bin/busybox"].filter((path) =>
  existsSync(path),
);

const plain = { PATH };
const odd = {
  PATH,
  ...{ PWD: "/odd", OLDPWD: "/odd", SHLVL: "7", _: "odd", IFS: ":", PS1: "odd", PS4: "odd" },
  ...{ OPTIND: "3", PPID: "odd", SHELLOPTS: "xtrace", POSIXLY_CORRECT: "odd", RANDOM: "odd" },
  ...{ LC_ALL: "xx_YY.UTF-8", BASH_ENV: "/dev/null", ENV: "/dev/null", INCUMBENT_GO: "odd" },
  ...{ LD_LIBRARY_PATH: "/odd", lines: "a\n\tb'\"\\ é", empty: "" },
};

/** Starts the program, in its launcher if there is a shell for that, and returns what it prints. */
async function outputOf(env: NodeJS.ProcessEnv, shell?: string, word = "go\n"): Promise<string> {
  if (shell === undefined) {
    const [file = "", ...args] = program;
    const direct = spawn(file, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    return text(direct.stdout);
  }
  const launcher = launcherFor(program, env, false);
  const child = spawn(shell, launcher?.args ?? [], {
    ...{ argv0: "sh", env: launcher?.env },
    stdio: ["ignore", "pipe", "ignore", "pipe", 2],
  });
  const [, out, , begin] = child.stdio;
  if (!(begin instanceof Writable) || out === null) throw new Error("no pipe");
  begin.end(word);
  return text(out);
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "incumbent-launcher-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, content, "latin1");
  chmodSync(path, mode);
  return path;
}

describe.each(shells)("a program that %s launches", (shell) => {
  test.each([
    ["a plain", plain],
    ["an odd", odd],
  ])("has its arguments, descriptors and, exactly, %s environment", async (_, env) => {
    const expected = await outputOf(env);
    expect(expected).toContain("|a  b|");
    expect(await outputOf(env, shell)).toBe(expected);
  });

  test("never starts if the other end is closed without a word", async () => {
    expect(await outputOf(plain, shell, "")).toBe("");
  });
});

describe("there is a launcher only if the program can surely be started:", () => {
  const isLaunched = (name: string, env: NodeJS.ProcessEnv = plain) =>
    launcherFor([name], env, false) !== undefined;

  test("it is found, and its interpreter or loader too", () => {
    expect(isLaunched("env")).toBe(true);
    expect(isLaunched(process.execPath)).toBe(true);
    expect(isLaunched(file("script", "#! /bin/sh -e\necho"))).toBe(true);
    expect(isLaunched("script", { PATH: `/nowhere::${folder}` })).toBe(true);
  });

  test.each<[string, () => string]>([
    ["it is not there", () => "no-such-command"],
    ["it is a folder", () => folder],
    ["it may not be executed", () => file("data", "#!/bin/sh\n", 0o644)],
    ["its interpreter is missing", () => file("script", "#!/no/such/interpreter -x\n")],
    ["its loader is missing", () => file("binary", "\x7fELF\x02\0/lib/ld-missing.so.1\0")],
    ["it is neither a script nor a binary", () => file("text", "echo up\n")],
    ["its name is an option of env", () => "-i"],
    ["its name is a variable for env", () => file("a=b", "#!/bin/sh\n")],
  ])("not if %s", (_, name) => {
    expect(isLaunched(name())).toBe(false);
  });

  test("not if a shell would drop a variable because of its name", () => {
    expect(isLaunched("env", { PATH, "a.b": "c" })).toBe(false);
  });
});
