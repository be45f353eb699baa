import { StoreError } from "../../errors.ts";
import { HttpClient, type HttpRequest, linesOf, type TlsSettings } from "../http/http-client.ts";
import type { Wait } from "../observed/register.ts";
import { errorOfAnswer } from "./etcd-errors.ts";

/** What a request says: below which path, and in which words. */
export interface EtcdRequest {
  readonly path: string;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
}

/** Requests to the JSON gateway of one member. Each is sent once. */
export class EtcdMember {
  readonly #endpoint: string;
  readonly #tls: TlsSettings;
  readonly #http: HttpClient;

  constructor(endpoint: string, tls: TlsSettings) {
    this.#endpoint = endpoint;
    this.#tls = tls;
    this.#http = new HttpClient(`etcd at ${endpoint}`);
  }

  async ask(request: EtcdRequest, wait: Wait): Promise<unknown> {
    const { status, text } = await this.#http.send(this.#post(request), wait);
    if (status !== 200) throw errorOfAnswer(this.#endpoint, status, text);
    try {
      return JSON.parse(text);
    } catch {
      const message = `The server at ${this.#endpoint} answered something that is no JSON.`;
      throw new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied: "maybe" });
    }
  }

  /** Whole lines of an answer that goes on, as they come. */
  async *follow(request: EtcdRequest, wait: Wait): AsyncGenerator<string> {
    const response = await this.#http.open(this.#post(request), wait);
    const pieces = this.#http.textOf(response, wait);
    if (response.statusCode === 200) {
      yield* linesOf(pieces);
      return;
    }
    let text = "";
    for await (const piece of pieces) text += piece;
    throw errorOfAnswer(this.#endpoint, response.statusCode ?? 0, text);
  }

  /** Requests that are under way fail. */
  close(): void {
    this.#http.close();
  }

  #post({ path, body, headers }: EtcdRequest): HttpRequest {
    return {
      ...{ method: "POST", url: new URL(`/v3/${path}`, this.#endpoint), tls: this.#tls },
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    };
  }
}
