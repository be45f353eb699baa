import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** The command as a person would start it, and all that it says. */
export class Incumbent {
  readonly process: ChildProcess;
  out = "";
  err = "";
  readonly #ears = new Set<() => void>();

  constructor(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    [file = "", ...before]: readonly string[] = [process.execPath],
  ) {
    this.process = spawn(file, [...before, main, ...args], {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.process.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
      for (const ear of [...this.#ears]) ear();
    });
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.err += text;
      for (const ear of [...this.#ears]) ear();
    });
  }

  get pid(): number {
    return this.process.pid ?? -1;
  }

  /** Resolves when it has said this, on either output. */
  async says(text: string | RegExp, patience = 15_000): Promise<string> {
    const found = () => new RegExp(text).exec(this.out + this.err)?.[0];
    const deadline = AbortSignal.timeout(patience);
    for (;;) {
      const said = found();
      if (said !== undefined) return said;
      await new Promise<void>((resolve, reject) => {
        const ear = () => {
          this.#ears.delete(ear);
          resolve();
        };
        this.#ears.add(ear);
        const fail = () => reject(new Error(`never said ${text}:\n${this.out}\n${this.err}`));
        deadline.addEventListener("abort", fail, { once: true });
      });
    }
  }

  /** Its exit code, or the name of the signal that ended it, once its outputs are closed. */
  async ended(patience = 25_000): Promise<number | string> {
    const { exitCode, signalCode } = this.process;
    if (exitCode !== null) return exitCode;
    if (signalCode !== null) return signalCode;
    const signal = AbortSignal.timeout(patience);
    const [code, by] = await once(this.process, "close", { signal }).catch(() => {
      const state = this.process.exitCode === null ? "never ended" : "left its outputs open";
      throw new Error(`${state}:\n${this.out}\n${this.err}`);
    });
    return code ?? by;
  }
}

/** A place for one test: a store of its own, and an end for every process. */
export class Workshop {
  readonly directory = mkdtempSync(join(tmpdir(), "incumbent-cli-"));
  readonly store = `sqlite:${join(this.directory, "leases.db")}`;
  readonly #started: Incumbent[] = [];

  path(name: string): string {
    return join(this.directory, name);
  }

  start(...args: string[]): Incumbent {
    const started = new Incumbent(args, { INCUMBENT_STORE: this.store, NO_COLOR: "" });
    this.#started.push(started);
    return started;
  }

  /** As another user. */
  startAs(uid: number, ...args: string[]): Incumbent {
    const words = ["setpriv", `--reuid=${uid}`, "--clear-groups", process.execPath];
    const started = new Incumbent(args, { INCUMBENT_STORE: this.store }, words);
    this.#started.push(started);
    return started;
  }

  /** The same in a line of bash, where `"$@"` stands for the command and its arguments. */
  shell(line: string, ...args: string[]): Incumbent {
    const bash = ["bash", "-c", line, "bash", process.execPath];
    const started = new Incumbent(args, { INCUMBENT_STORE: this.store, NO_COLOR: "" }, bash);
    this.#started.push(started);
    return started;
  }

  async close(): Promise<void> {
    for (const { process: child } of this.#started) {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    }
    await Promise.all(this.#started.map((started) => started.ended()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Whether a process is alive; a zombie is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    const { readFileSync } = process.getBuiltinModule("node:fs");
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)/, ""));
  } catch {
    return true;
  }
}
