import { isIncumbentError, StoreError } from "../../errors.ts";
import { type Timer, unrefTimer } from "../connections/timer.ts";
import { EtcdConnection, type Stream } from "./etcd-connection.ts";
import { isExpired } from "./etcd-errors.ts";
import type { EtcdSettings } from "./etcd-settings.ts";

/** After so many ms without an answer the next request goes to the next member. */
const PATIENCE = 1000;

/** A cluster of etcd: requests go to one member, and to the next one when that does not answer. */
export class EtcdMembers {
  readonly #settings: EtcdSettings;
  readonly #connection: EtcdConnection;
  readonly #timer: Timer;
  #preferred = 0;
  /** The login, once there was one. */
  #token: Promise<string> | undefined;

  constructor(settings: EtcdSettings, timer: Timer = unrefTimer) {
    this.#settings = settings;
    this.#connection = new EtcdConnection(settings);
    this.#timer = timer;
  }

  /**
   * The answer to a request. It is sent to another member only if it certainly did not arrive, or if the login had
   * expired.
   */
  async call(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    let renewed = false;
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.#send(path, body, await this.#headers(signal), signal);
      } catch (error) {
        if (isExpired(error) && !renewed) {
          this.#token = undefined;
          renewed = true;
          continue;
        }
        const isElsewhere = isUnsent(error) && tried < this.#settings.endpoints.length;
        if (!isElsewhere || signal.aborted) throw error;
      }
    }
  }

  /** The lines of an answer that goes on. Returns how to end it. */
  async stream(
    path: string,
    body: object,
    signal: AbortSignal,
    stream: Stream,
  ): Promise<() => void> {
    const headers = await this.#headers(signal);
    const endpoint = this.#endpoint;
    // A member that has lost its cluster ends the stream, rather than keep silent.
    const demanding = { ...headers, "grpc-metadata-hasleader": "true" };
    return this.#connection.stream(endpoint, path, body, demanding, {
      onLine: (line) => stream.onLine(line),
      onEnd: (error) => {
        if (isExpired(error)) this.#token = undefined;
        this.#avoid(endpoint);
        stream.onEnd(error);
      },
    });
  }

  close(): void {
    this.#token = undefined;
    this.#connection.close();
  }

  get #endpoint(): string {
    const { endpoints } = this.#settings;
    return endpoints[this.#preferred % endpoints.length] ?? "";
  }

  #avoid(endpoint: string): void {
    if (endpoint === this.#endpoint) this.#preferred += 1;
  }

  async #send(
    path: string,
    body: object,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<unknown> {
    const endpoint = this.#endpoint;
    const cancel = this.#timer(PATIENCE, () => this.#avoid(endpoint));
    try {
      return parsed(endpoint, await this.#connection.post(endpoint, path, body, headers, signal));
    } catch (error) {
      if (!isMisconfigured(error)) this.#avoid(endpoint);
      throw error;
    } finally {
      cancel();
    }
  }

  async #headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const { user, password } = this.#settings;
    if (user === undefined || password === undefined) return {};
    this.#token ??= this.#logIn(user, password, signal);
    const asked = this.#token;
    try {
      return { authorization: await asked };
    } catch (error) {
      if (this.#token === asked) this.#token = undefined;
      throw error;
    }
  }

  async #logIn(name: string, password: string, signal: AbortSignal): Promise<string> {
    const answer = await this.#send("auth/authenticate", { name, password }, {}, signal);
    const token = typeof answer === "object" && answer !== null && Reflect.get(answer, "token");
    if (typeof token === "string") return token;
    const message = "etcd answered a login without a token.";
    throw new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied: "no" });
  }
}

function parsed(endpoint: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const message = `The server at ${endpoint} answered something that is no JSON.`;
    throw new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied: "maybe" });
  }
}

function isUnsent(error: unknown): boolean {
  return (
    isIncumbentError(error) &&
    error.code === "INCUMBENT_STORE_UNAVAILABLE" &&
    "applied" in error &&
    error.applied === "no"
  );
}

function isMisconfigured(error: unknown): boolean {
  return isIncumbentError(error) && error.code === "INCUMBENT_STORE_MISCONFIGURED";
}
