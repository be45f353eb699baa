import { StoreError } from "../../errors.ts";
import type { StoreRequest } from "../lease-store.ts";
import { unanswered } from "./command-connection.ts";
import type { ScriptReply } from "./redis-reply.ts";
import type { ScriptName } from "./redis-scripts.ts";

/** What the script is asked. */
export interface Question {
  readonly name: ScriptName;
  readonly request: StoreRequest;
  /** The arguments behind the name, and behind the not-after if the request has one. */
  readonly fields: readonly string[];
}

interface Settle {
  resolve(reply: ScriptReply): void;
  reject(error: unknown): void;
}

/** One request to the script, from its turn in the queue to its answer. It may travel in several calls in turn. */
export class ScriptRequest {
  readonly name: ScriptName;
  readonly request: StoreRequest;
  readonly fields: readonly string[];
  readonly answer: Promise<ScriptReply>;
  /** How many connections had been opened when it was asked. */
  opened = 0;
  /** How many requests may share a call with it, itself included. */
  company = Number.POSITIVE_INFINITY;
  /** How many calls it was in that found another server than the process knew. */
  introductions = 0;
  readonly #unsent: () => StoreError;
  #settle: Settle | undefined;
  #signal: AbortSignal | undefined;
  /** Called when it has its answer, or none is awaited any more; while it is in a call. */
  #onEnd: (() => void) | undefined;

  /** `unsent` says why it was not sent. */
  constructor({ name, request, fields }: Question, unsent: () => StoreError) {
    this.name = name;
    this.request = request;
    this.fields = fields;
    this.#unsent = unsent;
    this.answer = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // An elector keeps its deadlines by itself; others have a signal.
    if (request.isAwaited === undefined) this.follow();
  }

  get key(): string {
    return this.request.key;
  }

  /** Whether the script looks which server it runs on before it decides. */
  get isGuarded(): boolean {
    return this.name === "acquire" || this.name === "renew";
  }

  /** Whether its reply says which server that is. */
  get introduces(): boolean {
    return this.isGuarded || this.name === "introduce";
  }

  get isAwaited(): boolean {
    return this.#settle !== undefined && (this.request.isAwaited ?? !this.request.signal.aborted);
  }

  /** About how many bytes of a call it takes. */
  get size(): number {
    let size = this.key.length + 50;
    for (const field of this.fields) size += field.length;
    return size;
  }

  /** From now on it fails, with what the store knows, as soon as its answer is waited for no longer. */
  follow(): void {
    if (this.#signal !== undefined || this.#settle === undefined) return;
    this.#signal = this.request.signal;
    this.#signal.addEventListener("abort", this.#onAbort, { once: true });
    if (this.#signal.aborted) this.#onAbort();
  }

  /** It is in a call now. */
  sent(onEnd: () => void): void {
    this.#onEnd = onEnd;
    if (this.#settle === undefined) onEnd();
  }

  /** The call has done nothing for it. */
  returned(): void {
    this.#onEnd = undefined;
  }

  resolve(reply: ScriptReply): void {
    this.#end()?.resolve(reply);
  }

  reject(error: unknown): void {
    this.#end()?.reject(error);
  }

  readonly #onAbort = (): void => {
    this.reject(this.#onEnd === undefined ? this.#unsent() : unanswered());
  };

  #end(): Settle | undefined {
    const settle = this.#settle;
    if (settle === undefined) return undefined;
    this.#settle = undefined;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#onEnd?.();
    return settle;
  }
}

/** The error of a request that was waited for no longer before it was sent. */
export function unasked(): StoreError {
  const message = "The time for this request was over before it was sent.";
  return new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "no" });
}
