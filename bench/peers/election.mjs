import { Beliefs } from "./beliefs.mjs";
import { Candidate } from "./candidates.mjs";
import { now } from "./clock.mjs";
import { inTime } from "./in-time.mjs";
import { startProxy } from "./proxy.mjs";
import { startServer } from "./servers.mjs";

export const KEY = "election";

/** Some processes that campaign with one package for one key, on a server of their own. */
export class Election {
  /** The candidate that has been elected last. */
  leader;
  beliefs = new Beliefs();
  candidates = [];
  server;
  exits = 0;
  #package;
  #options;
  #proxies = new Map();
  #onGained = () => {};

  /**
   * @param options `sampled`: they report what they believe. `proxied`: each reaches the server through a
   * proxy of its own.
   */
  static async start(subject, { count = 3, ttl = 2000, sampled = false, proxied = false } = {}) {
    const election = new Election(subject, { ttl, sampled, proxied });
    election.server = await startServer(subject.needs);
    try {
      const gained = election.nextGained();
      await Promise.all(Array.from({ length: count }, () => election.add()));
      await gained;
    } catch (error) {
      await election.close();
      throw error;
    }
    return election;
  }

  constructor(subject, options) {
    this.#package = subject;
    this.#options = options;
  }

  /** One more candidate. */
  async add() {
    const { ttl, sampled, proxied } = this.#options;
    const proxy = proxied ? await startProxy(this.server.port) : undefined;
    const port = proxy?.port ?? this.server.port;
    const settings = { port, ttl, renewal: Math.round(ttl / 3) };
    const onEvent = (message, candidate) => this.#hear(message, candidate);
    const candidate = await Candidate.start(this.#package.name, settings, { sampled, onEvent });
    this.#proxies.set(candidate, proxy);
    this.candidates.push(candidate);
    await candidate.ask("campaign", { key: KEY });
    return candidate;
  }

  /** Ends a candidate without a word to the store. */
  async kill(candidate) {
    this.candidates = this.candidates.filter((other) => other !== candidate);
    this.beliefs.note(now(), candidate, false);
    await candidate.kill();
    this.#proxies.get(candidate)?.close();
  }

  proxyOf(candidate) {
    return this.#proxies.get(candidate);
  }

  /** The next report of a candidate that it leads. Rejects if none has come after two minutes. */
  nextGained() {
    return inTime((resolve) => {
      this.#onGained = resolve;
    });
  }

  /**
   * When the lease ends, as the server sees it; `undefined` if it cannot be asked. Of three answers the one
   * that took least says it best.
   */
  async leaseEnd() {
    const { remaining } = this.#package;
    if (remaining === undefined) return undefined;
    const answers = [];
    for (let index = 0; index < 3; index += 1) {
      const asked = now();
      const left = await remaining(this.server.admin, KEY);
      const took = now() - asked;
      answers.push({ took, end: asked + took / 2 + left });
    }
    return answers.sort((a, b) => a.took - b.took)[0].end;
  }

  async close() {
    await Promise.all(this.candidates.map((candidate) => this.kill(candidate)));
    await this.server.stop();
  }

  #hear(message, candidate) {
    const { event, at = now() } = message;
    if (event === "belief") this.beliefs.note(at, candidate, message.believes);
    if (event === "exit" && this.candidates.includes(candidate)) {
      this.exits += 1;
      this.beliefs.note(at, candidate, false);
    }
    if (event !== "gained") return;
    this.leader = candidate;
    this.#onGained(message);
  }
}
