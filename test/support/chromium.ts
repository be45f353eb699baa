import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** The program, if one is installed: Debian's package `chromium`. */
export function chromiumProgram(): string | undefined {
  return ["chromium", "chromium-browser", "google-chrome"].find(
    (program) => spawnSync(program, ["--version"]).status === 0,
  );
}

/** What the browser answers or reports. Each test knows which of it there is. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly entry?: { readonly text: string } };
  readonly result?: Answer;
  readonly error?: { readonly message: string };
}

interface Answer {
  readonly targetId?: string;
  readonly sessionId?: string;
  readonly data?: string;
  readonly result?: { readonly value?: unknown };
  readonly exceptionDetails?: { readonly text: string };
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** A headless Chromium with one page, driven over a pipe: no port is opened. */
export class Chromium {
  /** Errors of scripts, and what the page's policy has blocked. */
  readonly complaints: string[] = [];
  readonly #process: ChildProcess;
  readonly #profile = mkdtempSync(join(tmpdir(), "incumbent-chromium-"));
  readonly #waiting = new Map<number, Waiting>();
  #session: string | undefined;
  #sent = 0;
  #heard = "";

  constructor(program: string) {
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
    const quiet = ["--no-first-run", "--disable-background-networking", "--disable-sync"];
    const rest = [`--user-data-dir=${this.#profile}`, "--remote-debugging-pipe", "about:blank"];
    this.#process = spawn(program, [...flags, ...quiet, ...rest], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    const pipe = this.#process.stdio[4] as Readable; // The fifth of stdio is a pipe.
    pipe.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
    this.#process.once("exit", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Chromium has ended"));
    });
  }

  /** Shows the address on a screen of this size. */
  async open(url: string, { width, height, dark }: Screen): Promise<void> {
    if (this.#session === undefined) {
      const { targetId } = await this.#send("Target.createTarget", { url: "about:blank" });
      const attached = await this.#send("Target.attachToTarget", { targetId, flatten: true });
      this.#session = attached.sessionId;
      for (const domain of ["Page", "Runtime", "Log"]) await this.#send(`${domain}.enable`);
    }
    const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
    await this.#send("Emulation.setDeviceMetricsOverride", metrics);
    const scheme = { name: "prefers-color-scheme", value: dark ? "dark" : "light" };
    await this.#send("Emulation.setEmulatedMedia", { features: [scheme] });
    await this.#send("Page.navigate", { url });
  }

  /** The value of an expression in the page. */
  async value(expression: string): Promise<unknown> {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", asked);
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
    return result?.value;
  }

  /** Presses and releases a key of a keyboard, such as `Tab`. */
  async press(key: "Tab" | "Enter" | " "): Promise<void> {
    const code = { Tab: 9, Enter: 13, " ": 32 }[key];
    const text = { Tab: undefined, Enter: "\r", " ": " " }[key];
    const event = { key, code: key, windowsVirtualKeyCode: code, text };
    await this.#send("Input.dispatchKeyEvent", { type: "keyDown", ...event });
    await this.#send("Input.dispatchKeyEvent", { type: "keyUp", ...event, text: undefined });
  }

  /** What can be seen, as a PNG. */
  async screenshot(): Promise<Buffer> {
    const { data = "" } = await this.#send("Page.captureScreenshot");
    return Buffer.from(data, "base64");
  }

  async close(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #send(method: string, params: object = {}): Promise<Answer> {
    this.#sent += 1;
    const message = { id: this.#sent, method, params, sessionId: this.#session };
    const pipe = this.#process.stdio[3] as Writable; // The fourth of stdio is a pipe.
    pipe.write(`${JSON.stringify(message)}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(message.id, { resolve, reject }));
  }

  #hear(text: string): void {
    const messages = (this.#heard + text).split("\0");
    this.#heard = messages.pop() ?? "";
    for (const each of messages) this.#take(JSON.parse(each));
  }

  #take({ id, method, params, result, error }: Message): void {
    if (method === "Runtime.exceptionThrown") this.complaints.push(JSON.stringify(params));
    if (method === "Log.entryAdded") this.complaints.push(params?.entry?.text ?? "");
    if (id === undefined) return;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result ?? {});
    else waiting?.reject(new Error(error.message));
  }
}

export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
}
