import { Candidate, type Message } from "../faults/candidate-process.ts";
import type { TcpProxy } from "../support/tcp-proxy.ts";

export const TTL = 1000;

/** What a candidate is made with, beside its connection. */
export interface Casting {
  readonly diary: string;
  readonly lies: boolean;
  readonly restartGuard: boolean;
}

/** What all hear of the candidates. */
export interface Audience {
  hear(name: string, message: Message): void;
  /** It was killed, and says nothing more. */
  killed(name: string): void;
  /** It ended without having been killed. */
  fell(name: string, how: string): void;
}

/** A place among the candidates: when its process is killed, another takes it. */
export class Seat {
  /** Between the process and the server, if there is a network. */
  readonly proxy: TcpProxy | undefined;
  readonly #address: object;
  readonly #label: string;
  readonly #casting: Casting;
  readonly #audience: Audience;
  #count = 0;
  #candidate: Candidate;
  readonly #onExit = (code: number | null, signal: string | null) => {
    const { name, stderr } = this.#candidate;
    this.#audience.fell(name, `exit code ${code}, signal ${signal}\n${stderr}`);
  };

  constructor(
    label: string,
    address: object,
    proxy: TcpProxy | undefined,
    casting: Casting,
    audience: Audience,
  ) {
    this.#label = label;
    this.#address = address;
    this.proxy = proxy;
    this.#casting = casting;
    this.#audience = audience;
    this.#candidate = this.#enter();
  }

  get candidate(): Candidate {
    return this.#candidate;
  }

  /** Says it to the process, if there is one: between two there is none. */
  tell(command: string, fields: object = {}): void {
    if (this.#candidate.process.connected) this.#candidate.tell(command, fields);
  }

  /** SIGKILL, and another process in its place. */
  async replace(): Promise<void> {
    await this.#kill();
    this.#candidate = this.#enter();
  }

  async leave(): Promise<void> {
    await this.#kill();
    await this.proxy?.close();
  }

  async #kill(): Promise<void> {
    this.#candidate.process.off("exit", this.#onExit);
    this.#candidate.signal("SIGKILL");
    await this.#candidate.exited();
    this.#audience.killed(this.#candidate.name);
  }

  #enter(): Candidate {
    this.#count += 1;
    const name = `${this.#label}.${this.#count}`;
    const { diary, lies, restartGuard } = this.#casting;
    const store = { ...this.#address, ...(!restartGuard && { storeOptions: { restartGuard } }) };
    const candidate = new Candidate(name, { store, options: { ttl: TTL }, diary, lies });
    candidate.onMessage((message) => this.#audience.hear(name, message));
    candidate.process.on("exit", this.#onExit);
    return candidate;
  }
}
