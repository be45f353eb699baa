import { StoreError } from "../../errors.ts";
import type { StoreRequest } from "../lease-store.ts";
import { unanswered } from "./command-connection.ts";
import type { ScriptReply } from "./redis-reply.ts";
import type { ScriptName } from "./redis-scripts.ts";

/** What the script is asked. */
export interface Question<Answer> {
  readonly name: ScriptName;
  readonly request: StoreRequest;
  /** The arguments behind the name, and behind the not-after if the request has one. */
  readonly fields: readonly string[];
  /** Makes the answer of the reply. Throws a `StoreError` if it makes no sense. */
  parse(reply: ScriptReply): Answer;
}

/** One request to the script, from its turn in the queue to its answer. It may travel in several calls in turn. */
export interface ScriptRequest {
  readonly name: ScriptName;
  readonly request: StoreRequest;
  readonly fields: readonly string[];
  /** How many connections had been opened when it was asked. */
  opened: number;
  /** How many requests may share a call with it, itself included. */
  company: number;
  /** How many calls it was in that found another server than the process knew. */
  introductions: number;
  /** Called when it has its answer, or none is awaited any more; while it is in a call. */
  onEnd: (() => void) | undefined;
  /** Whether its answer is still awaited. */
  readonly isAwaited: boolean;
  resolve(reply: ScriptReply): void;
  reject(error: unknown): void;
}

/** A request with its answer. */
export class AskedScript<Answer> implements ScriptRequest {
  readonly answer: Promise<Answer>;
  opened = 0;
  company = Number.POSITIVE_INFINITY;
  introductions = 0;
  onEnd: (() => void) | undefined;
  readonly #question: Question<Answer>;
  #resolve: ((answer: Answer) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #unfollow: (() => void) | undefined;

  constructor(question: Question<Answer>) {
    this.#question = question;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get name(): ScriptName {
    return this.#question.name;
  }

  get request(): StoreRequest {
    return this.#question.request;
  }

  get fields(): readonly string[] {
    return this.#question.fields;
  }

  get isAwaited(): boolean {
    // The signal is not read without need: an elector would have to make it.
    const { request } = this.#question;
    return this.#resolve !== undefined && (request.isAwaited ?? !request.signal.aborted);
  }

  /** From now on it fails as soon as its signal is aborted. `unsent` says why it was not sent until then. */
  follow(unsent: () => StoreError): void {
    const { signal } = this.#question.request;
    const onAbort = () => this.reject(this.onEnd === undefined ? unsent() : unanswered());
    signal.addEventListener("abort", onAbort, { once: true });
    this.#unfollow = () => signal.removeEventListener("abort", onAbort);
  }

  resolve(reply: ScriptReply): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    try {
      resolve(this.#question.parse(reply));
      this.#end();
    } catch (error) {
      this.reject(error);
    }
  }

  reject(error: unknown): void {
    const reject = this.#reject;
    this.#end();
    reject?.(error);
  }

  #end(): void {
    this.#resolve = this.#reject = undefined;
    this.#unfollow?.();
    this.#unfollow = undefined;
    this.onEnd?.();
    this.onEnd = undefined;
  }
}

/** Whether the script looks which server it runs on before it decides. */
export function isGuarded(name: ScriptName): boolean {
  return name === "acquire" || name === "renew" || name === "prolong";
}

/** Whether the reply to a call with this request has to say which server that is. */
export function introduces(name: ScriptName): boolean {
  return isGuarded(name) || name === "introduce";
}

/** About how many bytes of a call a request takes. */
export function sizeOf({ request, fields }: ScriptRequest): number {
  let size = request.key.length + 50;
  for (const field of fields) size += field.length;
  return size;
}

/** The error of a request that was waited for no longer before it was sent. */
export function unasked(): StoreError {
  const message = "The time for this request was over before it was sent.";
  return new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "no" });
}
