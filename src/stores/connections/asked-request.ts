import { StoreError } from "../../errors.ts";
import type { StoreRequest } from "../lease-store.ts";
import { type CommandConnection, unanswered } from "./command-connection.ts";
import type { ServerKind } from "./driver.ts";

/** What the server is asked. */
export interface Question<Name extends string, Reply, Answer> {
  readonly name: Name;
  readonly request: StoreRequest;
  /** What it needs to know beside the key and the not-after. */
  readonly fields: readonly string[];
  /** The nonce of the lease, if that is what it renews. */
  readonly renews?: string;
  /** Makes the answer of the reply, or asks for it anew. Throws a `StoreError` if the reply makes no sense. */
  parse(reply: Reply): Answer | Promise<Answer>;
}

/** One request, from its turn in the queue to its answer. It may travel in several calls in turn. */
export interface AskedRequest<Name extends string, Reply> {
  readonly name: Name;
  readonly request: StoreRequest;
  readonly fields: readonly string[];
  /** The nonce of the lease, if that is what it renews. */
  readonly renews: string | undefined;
  /** How many connections had been opened when it was asked. */
  opened: number;
  /** How many requests may share a call with it, itself included. */
  company: number;
  /** How many calls it was in that found another server than the process knew. */
  introductions: number;
  /** How long to wait before it travels again, in ms. */
  pause: number;
  /** Called when it has its answer, or none is awaited any more; while it is in a call. */
  onEnd: (() => void) | undefined;
  /** Whether its answer is still awaited. */
  readonly isAwaited: boolean;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

/** A request with its answer. */
export class Asked<Name extends string, Reply, Answer> implements AskedRequest<Name, Reply> {
  readonly answer: Promise<Answer>;
  opened = 0;
  company = Number.POSITIVE_INFINITY;
  introductions = 0;
  pause = 0;
  onEnd: (() => void) | undefined;
  readonly #kind: ServerKind;
  #question: Question<Name, Reply, Answer>;
  #resolve: ((answer: Answer | Promise<Answer>) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #unfollow: (() => void) | undefined;

  constructor(kind: ServerKind, question: Question<Name, Reply, Answer>) {
    this.#kind = kind;
    this.#question = question;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get name(): Name {
    return this.#question.name;
  }

  get request(): StoreRequest {
    return this.#question.request;
  }

  get fields(): readonly string[] {
    return this.#question.fields;
  }

  get renews(): string | undefined {
    return this.#question.renews;
  }

  get isAwaited(): boolean {
    // The signal is not read without need: an elector would have to make it.
    const { request } = this.#question;
    return this.#resolve !== undefined && (request.isAwaited ?? !request.signal.aborted);
  }

  /** From now on it fails as soon as its signal is aborted. `unsent` says why it was not sent until then. */
  follow(unsent: () => StoreError): void {
    const { signal } = this.#question.request;
    const onAbort = () => this.reject(this.onEnd === undefined ? unsent() : unanswered(this.#kind));
    signal.addEventListener("abort", onAbort, { once: true });
    this.#unfollow = () => signal.removeEventListener("abort", onAbort);
  }

  /** It is asked once more before it was sent: the later question travels, and its answer is that of both. */
  askAgain(question: Question<Name, Reply, Answer>): void {
    this.#question = question;
  }

  resolve(reply: Reply): void {
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

/** The error of a request that was waited for no longer before it was sent. */
export function unasked(): StoreError {
  const message = "The time for this request was over before it was sent.";
  return new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "no" });
}

/** Sends a command for these requests. It is waited for as long as one of them is. */
export function sendFor<Command>(
  line: CommandConnection<Command>,
  command: Command,
  requests: readonly Pick<AskedRequest<string, never>, "isAwaited" | "onEnd">[],
): Promise<unknown> {
  const { answer, forgo } = line.request(command);
  let awaited = requests.length;
  const onEnd = () => {
    awaited -= 1;
    if (awaited === 0) forgo();
  };
  for (const request of requests) {
    if (request.isAwaited) request.onEnd = onEnd;
    else onEnd();
  }
  return answer;
}
