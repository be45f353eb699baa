import { StoreError } from "../../errors.ts";
import { redact } from "../../redact.ts";
import type { CommandConnection } from "../connections/command-connection.ts";
import { CommandConnections } from "../connections/command-connections.ts";
import type { Driver } from "../connections/driver.ts";
import { realClock } from "../connections/timer.ts";
import type { Wait } from "../observed/register.ts";

/** What a register asks over: a connection that is never repaired. */
export interface Session {
  /** Calls it when the session has ended, however it did: with why, if that is known. */
  onEnd(listener: (error?: unknown) => void): void;
  /** Ends it. What is under way fails. */
  close(): void | Promise<void>;
}

/** Opens a session. Rejects with a `StoreError` whose `applied` is `"no"`; also when the signal is aborted. */
export type OpenSession<S extends Session> = (signal: AbortSignal) => Promise<S>;

/** What is asked, with as many requests as it takes. */
type Question<S> = (session: S) => Promise<unknown>;

/**
 * The sessions of a register: usually one, opened by a question that finds none. If an answer is overdue, the next
 * question opens another one beside it, at the pace of its own deadline, and so of the ttl.
 */
export class Sessions<S extends Session> {
  readonly #lines: CommandConnections<Question<S>>;
  readonly #ending = new Set<Promise<void>>();

  /** @param name of the server, as people call it. */
  constructor(name: string, open: OpenSession<S>) {
    const kind = {
      name,
      errorOf: (error: unknown) => failed(name, error),
      isElsewhere: () => false,
    };
    this.#lines = new CommandConnections<Question<S>>(
      kind,
      ({ lost }) => this.#driver(open, lost),
      () => {},
    );
  }

  /** The answer. Rejects with a `StoreError`, also when it is not waited for any more. */
  async ask<Answer>(question: (session: S) => Promise<Answer>, wait: Wait): Promise<Answer> {
    const line = await this.#lines.choose({ clock: realClock, ...wait });
    return answerOf(line, question, wait);
  }

  /** Ends all of them. A later question opens one again. */
  async close(): Promise<void> {
    this.#lines.close();
    await Promise.all(this.#ending);
  }

  #driver(open: OpenSession<S>, lost: (error?: unknown) => void): Driver<Question<S>> {
    const ended = new AbortController();
    let session: S | undefined;
    const end = () => {
      ended.abort();
      if (session !== undefined) this.#end(session);
      session = undefined;
    };
    return {
      connect: async () => {
        const opened = await open(ended.signal);
        if (ended.signal.aborted) return this.#end(opened);
        session = opened;
        opened.onEnd(lost);
      },
      send: (question) => {
        if (session === undefined) throw new Error("the connection was closed");
        return question(session);
      },
      end,
    };
  }

  #end(session: S): void {
    const ending = Promise.resolve(session.close()).catch(() => {});
    this.#ending.add(ending);
    void ending.then(() => this.#ending.delete(ending));
  }
}

async function answerOf<S, Answer>(
  line: CommandConnection<Question<S>>,
  question: (session: S) => Promise<Answer>,
  wait: Wait,
): Promise<Answer> {
  // A line gives back what the question has returned.
  return (await line.send(question, wait)) as Answer;
}

function failed(name: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const detail = redact(error instanceof Error ? error.message : String(error));
  const message = `The connection to ${name} failed: ${detail}.`;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { applied: "maybe", detail });
}
