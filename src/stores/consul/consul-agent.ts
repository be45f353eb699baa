import { HttpClient } from "../http/http-client.ts";
import type { Wait } from "../observed/register.ts";
import { strange } from "./consul-errors.ts";
import type { ConsulSettings } from "./consul-options.ts";

/** What an agent answers. */
export interface ConsulReply {
  readonly status: number;
  readonly text: string;
  /** Of a read: up to where it is current. */
  readonly index: number;
}

/** Requests to one agent of Consul. */
export class ConsulAgent {
  readonly #http = new HttpClient("Consul");
  readonly #settings: ConsulSettings;

  constructor(settings: ConsulSettings) {
    this.#settings = settings;
  }

  async ask(method: "GET" | "PUT", path: string, wait: Wait, body?: object): Promise<ConsulReply> {
    const { agent, token } = this.#settings;
    const url = new URL(`/v1/${path}`, agent);
    const headers = token === undefined ? {} : { "X-Consul-Token": token };
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const response = await this.#http.open({ method, url, headers, body: sent }, wait);
    let text = "";
    for await (const piece of this.#http.textOf(response, wait)) text += piece;
    const index = Number(response.headers["x-consul-index"] ?? 0);
    return { status: response.statusCode ?? 0, text, index };
  }

  close(): void {
    this.#http.close();
  }
}

/** What the answer says. Throws a `StoreError` if it is no JSON. */
export function contentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw strange();
  }
}
