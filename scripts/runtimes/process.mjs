import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

/**
 * Starts a program. One that has not ended after `limit` ms is killed, and has failed. `heard` gets each line that it
 * prints on stdout. The caller calls `kill` in the end; it is harmless when the program is gone.
 */
export function launch([command, ...args], { cwd, env = {}, limit = 30_000, heard } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
  running.add(child);
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      output[stream] += text;
    });
  }
  if (heard !== undefined) createInterface(child.stdout).on("line", heard);
  let trouble;
  child.on("error", (error) => {
    trouble = error.message;
  });
  child.stdin.on("error", () => {}); // It may have ended before it read everything.
  const timer = setTimeout(() => {
    trouble = `had not ended after ${limit / 1000} s`;
    child.kill("SIGKILL");
  }, limit);
  let ended = false;
  /** The code it ended with, or the signal that ended it. */
  let ending;
  const closed = new Promise((resolve) => {
    child.once("close", (code, signal) => {
      ended = true;
      clearTimeout(timer);
      running.delete(child);
      ending = signal ?? code;
      resolve();
    });
  });
  const failure = (what) => {
    const name = [command.split("/").at(-1), ...args].join(" ").slice(0, 120);
    return new Error(`${name}: ${what}\n${output.stdout}${output.stderr}`.trimEnd());
  };
  let read = 0;
  return {
    /** What it says next on stdout that matches. */
    async says(pattern) {
      for (;;) {
        const match = pattern.exec(output.stdout.slice(read));
        if (match !== null) {
          read += match.index + match[0].length;
          return match;
        }
        if (ended) throw failure(trouble ?? `ended with ${ending} and never said ${pattern}`);
        await Promise.race([once(child.stdout, "data"), closed]);
      }
    },
    tell: (line) => child.stdin.write(`${line}\n`),
    closeInput: () => child.stdin.end(),
    kill: (signal = "SIGKILL") => child.kill(signal),
    /** What it printed, if it ends with this code, or by this signal. */
    async ends(by = 0) {
      await closed;
      if (trouble === undefined && ending !== by) trouble = `ended with ${ending}`;
      if (trouble !== undefined) throw failure(trouble);
      return output;
    },
    /** The same, and it has printed no warning either. */
    async endsQuietly(by = 0) {
      const { stdout } = await this.ends(by);
      if (output.stderr !== "") throw failure("wrote to stderr");
      return stdout;
    },
  };
}

/** What a program prints that ends by itself, with code 0 and nothing on stderr. */
export async function run(command, options) {
  const program = launch(command, options);
  program.closeInput();
  return program.endsQuietly();
}
