import type { IncomingMessage, Agent as PlainAgent } from "node:http";
import type { Agent as SecureAgent } from "node:https";
import { builtin } from "../../builtin.ts";
import { connectionErrorOf, unsent } from "./http-errors.ts";

/** How a connection is secured, in the words of Node.js. */
export interface TlsSettings {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly tls?: TlsSettings;
}

export interface HttpReply {
  readonly status: number;
  readonly text: string;
}

/** Aborted when the answer is no longer waited for. */
interface Wait {
  readonly signal: AbortSignal;
}

/** Connections are kept for the next request, and closed before servers close them, which may lose a request. */
const KEPT = { keepAlive: true, timeout: 30_000 };
/** When a silent connection is probed first, in ms. One whose other end is gone breaks about ten seconds later. */
const PROBED_AFTER = 1000;

/**
 * Requests over HTTP and HTTPS. Repeats none. They fail with a `StoreError` that says whether they may have been
 * carried out.
 */
export class HttpClient {
  readonly #server: string;
  #plain: PlainAgent | undefined;
  #secure: SecureAgent | undefined;

  /** @param server for errors, such as `"Kubernetes"`, or `"etcd at http://10.0.0.1:2379"`. */
  constructor(server: string) {
    this.#server = server;
  }

  /** The whole reply. */
  async send(request: HttpRequest, wait: Wait): Promise<HttpReply> {
    const response = await this.open(request, wait);
    let text = "";
    for await (const piece of this.textOf(response, wait)) text += piece;
    return { status: response.statusCode ?? 0, text };
  }

  /** The reply as soon as its head is there. Aborting the signal ends it. */
  open(request: HttpRequest, { signal }: Wait): Promise<IncomingMessage> {
    const { method, url, headers, body, tls } = request;
    if (signal.aborted) return Promise.reject(unsent(this.#server));
    const isSecure = url.protocol === "https:";
    const options = { method, headers, ...(isSecure && defined(tls)) };
    return new Promise((resolve, reject) => {
      const sent = isSecure
        ? builtin.https.request(url, { ...options, agent: this.#secureAgent() })
        : builtin.http.request(url, { ...options, agent: this.#plainAgent() });
      // A connection that is used again may take the request at any time.
      let mayHaveArrived = false;
      const connected = () => {
        mayHaveArrived = true;
      };
      const abort = () => sent.destroy();
      signal.addEventListener("abort", abort, { once: true });
      sent.on("socket", (socket) => {
        socket.setKeepAlive(true, PROBED_AFTER);
        if (socket.connecting) socket.once(isSecure ? "secureConnect" : "connect", connected);
        else connected();
      });
      sent.on("response", resolve);
      sent.on("error", (error) => {
        const applied = mayHaveArrived ? "maybe" : "no";
        const isFirstInPlain = !isSecure && !sent.reusedSocket;
        reject(connectionErrorOf(error, this.#server, { signal, applied, isFirstInPlain }));
      });
      sent.on("close", () => signal.removeEventListener("abort", abort));
      sent.end(body);
    });
  }

  /** The text of a reply, as it comes. */
  async *textOf(response: IncomingMessage, { signal }: Wait): AsyncGenerator<string> {
    try {
      for await (const piece of response.setEncoding("utf8")) yield String(piece);
    } catch (error) {
      throw connectionErrorOf(error, this.#server, { signal, applied: "maybe" });
    }
  }

  /** Requests that are under way fail. A later one connects again. */
  close(): void {
    this.#plain?.destroy();
    this.#secure?.destroy();
    this.#plain = undefined;
    this.#secure = undefined;
  }

  #plainAgent(): PlainAgent {
    this.#plain ??= new builtin.http.Agent(KEPT);
    return this.#plain;
  }

  #secureAgent(): SecureAgent {
    this.#secure ??= new builtin.https.Agent(KEPT);
    return this.#secure;
  }
}

/** The lines of a text that comes in pieces. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Without what is undefined, which Node.js would not take for its default. */
function defined(settings: TlsSettings = {}): Record<string, string | boolean> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
