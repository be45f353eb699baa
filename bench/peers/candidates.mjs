import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("candidate.mjs", import.meta.url));

/** A process that campaigns with one package, seen from its parent. */
export class Candidate {
  #child;
  #requests = new Map();
  #listeners = new Set();
  #lastId = 0;
  #stopped = false;
  // A process that is paused does not notice that its parent has gone.
  #end = () => this.#child.kill("SIGKILL");

  /**
   * @param settings for `open` of the package's file: `ttl`, `renewal` and the `port` of its server.
   * @param sampled whether it reports what it believes every 3 ms, which costs it CPU.
   */
  static async start(name, settings, { sampled = false, onEvent } = {}) {
    const candidate = new Candidate(name, settings, sampled);
    if (onEvent !== undefined) candidate.listen(onEvent);
    await candidate.next("ready");
    return candidate;
  }

  constructor(name, settings, sampled) {
    this.#child = fork(script, [JSON.stringify({ name, settings, sampled })], {
      // What a package logs is not a figure.
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child.on("message", (message) => this.#hear(message));
    // A message to one that has just ended.
    this.#child.on("error", () => {});
    process.once("exit", this.#end);
    this.#child.on("exit", () => process.off("exit", this.#end));
    this.#child.on("exit", () => this.#hear({ event: "exit" }));
  }

  get pid() {
    return this.#child.pid;
  }

  get isRunning() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Carries out a command of candidate.mjs there. */
  async ask(command, args = {}) {
    if (!this.isRunning) throw new Error("the candidate has ended");
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { resolve, reject });
      this.#child.send({ id, command, args });
    });
  }

  /** Calls `listener` with each event and this candidate. Returns how to end that. */
  listen(listener) {
    const entry = (message) => listener(message, this);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** The next event of a name, or `undefined` if none has come after `patience` ms. */
  next(event, patience = 20_000) {
    return new Promise((resolve, reject) => {
      const finish = (act, value) => {
        clearTimeout(timer);
        stop();
        act(value);
      };
      const timer = setTimeout(() => finish(resolve, undefined), patience);
      const stop = this.listen((message) => {
        if (message.event === event) finish(resolve, message);
        else if (message.event === "exit") finish(reject, new Error("the candidate has ended"));
      });
    });
  }

  signal(signal) {
    this.#child.kill(signal);
  }

  /** Ends the process without a word to the store. */
  async kill() {
    this.#stopped = true;
    if (!this.isRunning) return;
    this.#end();
    await once(this.#child, "exit");
  }

  #hear({ id, result, ...message }) {
    if (id !== undefined) {
      this.#requests.get(id)?.resolve(result);
      this.#requests.delete(id);
      return;
    }
    if (message.event === "exit" || message.event === "fatal") this.#abandon(message);
    for (const listener of [...this.#listeners]) listener(message);
  }

  #abandon({ message = "it has ended" }) {
    const error = new Error(`A candidate cannot answer: ${message}`);
    for (const { reject } of this.#requests.values()) if (!this.#stopped) reject(error);
    this.#requests.clear();
  }
}

/** Starts `count` candidates of one package, at once. */
export function startCandidates(count, name, settings, options) {
  return Promise.all(Array.from({ length: count }, () => Candidate.start(name, settings, options)));
}
