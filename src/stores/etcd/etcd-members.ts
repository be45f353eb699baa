import { isIncumbentError, StoreError } from "../../errors.ts";
import { type Timer, unrefTimer } from "../connections/timer.ts";
import type { Wait } from "../observed/register.ts";
import { readTlsFiles } from "../registers/tls-files.ts";
import { isExpired } from "./etcd-errors.ts";
import { EtcdMember } from "./etcd-member.ts";
import type { EtcdSettings } from "./etcd-settings.ts";

/** After so many ms without an answer the next request goes to the next member. */
const PATIENCE = 1000;

/** What one member answered. */
export interface MemberAnswer {
  readonly endpoint: string;
  readonly answer: PromiseSettledResult<unknown>;
}

/** A cluster of etcd: requests go to one member, and to the next one when that does not answer. */
export class EtcdMembers {
  readonly #settings: EtcdSettings;
  readonly #members: readonly EtcdMember[];
  readonly #timer: Timer;
  #preferred = 0;
  /** The login, once there was one. */
  #token: Promise<string> | undefined;

  /** Throws `INCUMBENT_INVALID_OPTION` if a file of the settings cannot be read. */
  constructor(settings: EtcdSettings, timer: Timer = unrefTimer) {
    const tls = readTlsFiles(settings);
    this.#settings = settings;
    this.#members = settings.endpoints.map((endpoint) => new EtcdMember(endpoint, tls));
    this.#timer = timer;
  }

  /**
   * The answer to a request. It is sent to another member only if it certainly did not arrive, or if the login had
   * expired.
   */
  async call(path: string, body: object, wait: Wait): Promise<unknown> {
    let renewed = false;
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.#send(path, body, await this.#headers(wait), wait);
      } catch (error) {
        if (isExpired(error) && !renewed) {
          this.#token = undefined;
          renewed = true;
          continue;
        }
        const isElsewhere = isUnsent(error) && tried < this.#members.length;
        if (!isElsewhere || wait.signal.aborted) throw error;
      }
    }
  }

  /** The answers of all members to one request, or why one has none. */
  async askEach(path: string, body: object, wait: Wait): Promise<readonly MemberAnswer[]> {
    const headers = await this.#headers(wait);
    const { endpoints } = this.#settings;
    const asked = this.#members.map((member) => member.ask({ path, body, headers }, wait));
    const answers = await Promise.allSettled(asked);
    return answers.map((answer, index) => ({ endpoint: endpoints[index] ?? "", answer }));
  }

  /** The lines of an answer that goes on. */
  async *stream(path: string, body: object, wait: Wait): AsyncGenerator<string> {
    // A member that has lost its cluster ends the stream, rather than keep silent.
    const headers = { ...(await this.#headers(wait)), "grpc-metadata-hasleader": "true" };
    const member = this.#member;
    try {
      yield* member.follow({ path, body, headers }, wait);
    } catch (error) {
      if (isExpired(error)) this.#token = undefined;
      throw error;
    } finally {
      this.#avoid(member);
    }
  }

  close(): void {
    this.#token = undefined;
    for (const member of this.#members) member.close();
  }

  get #member(): EtcdMember {
    // The URL names one at least.
    return this.#members[this.#preferred % this.#members.length] as EtcdMember;
  }

  #avoid(member: EtcdMember): void {
    if (member === this.#member) this.#preferred += 1;
  }

  async #send(
    path: string,
    body: object,
    headers: Readonly<Record<string, string>>,
    wait: Wait,
  ): Promise<unknown> {
    const member = this.#member;
    const cancel = this.#timer(PATIENCE, () => this.#avoid(member));
    try {
      return await member.ask({ path, body, headers }, wait);
    } catch (error) {
      if (!isMisconfigured(error)) this.#avoid(member);
      throw error;
    } finally {
      cancel();
    }
  }

  async #headers(wait: Wait): Promise<Readonly<Record<string, string>>> {
    const { user, password } = this.#settings;
    if (user === undefined || password === undefined) return {};
    this.#token ??= this.#logIn(user, password, wait);
    const asked = this.#token;
    try {
      return { authorization: await asked };
    } catch (error) {
      if (this.#token === asked) this.#token = undefined;
      throw error;
    }
  }

  async #logIn(name: string, password: string, wait: Wait): Promise<string> {
    const answer = await this.#send("auth/authenticate", { name, password }, {}, wait);
    const token = typeof answer === "object" && answer !== null && Reflect.get(answer, "token");
    if (typeof token === "string") return token;
    const message = "etcd answered a login without a token.";
    throw new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied: "no" });
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
