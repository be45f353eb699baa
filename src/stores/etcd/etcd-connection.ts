import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { StoreError } from "../../errors.ts";
import { invalid } from "../../input.ts";
import { errorOfAnswer, errorOfConnection } from "./etcd-errors.ts";
import type { EtcdSettings } from "./etcd-settings.ts";

/** An answer that goes on: whole lines as they come, until it ends. */
export interface Stream {
  onLine(line: string): void;
  /** Called once, whatever ends it. */
  onEnd(error: StoreError | undefined): void;
}

/** After so many ms without a packet the system asks whether the other side is still there. */
const PROBE_AFTER = 1000;

/** Requests to the members, over connections of our own. Each is sent once. */
export class EtcdConnection {
  readonly #secrets: Pick<https.AgentOptions, "ca" | "cert" | "key">;
  #agent: http.Agent | undefined;

  /** Throws `INCUMBENT_INVALID_OPTION` if a file cannot be read. */
  constructor({ caFile, certFile, keyFile }: EtcdSettings) {
    this.#secrets = {
      ...(caFile !== undefined && { ca: contentOf("caFile", caFile) }),
      ...(certFile !== undefined && { cert: contentOf("certFile", certFile) }),
      ...(keyFile !== undefined && { key: contentOf("keyFile", keyFile) }),
    };
  }

  /** The answer as text. */
  post(
    endpoint: string,
    path: string,
    body: object,
    headers: http.OutgoingHttpHeaders,
    signal: AbortSignal,
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = "";
      const fail = (error: unknown, wasSent: boolean) => {
        signal.removeEventListener("abort", giveUp);
        reject(errorOfConnection(endpoint, error, wasSent ? "maybe" : "no"));
      };
      const request = this.#request(endpoint, path, body, headers, fail, (response) => {
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", (error) => fail(error, true));
        response.on("end", () => {
          signal.removeEventListener("abort", giveUp);
          const { statusCode = 0 } = response;
          if (statusCode === 200) resolve(text);
          else reject(errorOfAnswer(endpoint, statusCode, text));
        });
      });
      const giveUp = () => request.destroy(unanswered(endpoint));
      signal.addEventListener("abort", giveUp);
      if (signal.aborted) giveUp();
    });
  }

  /** Lines of an answer that goes on until the returned function is called. */
  stream(
    endpoint: string,
    path: string,
    body: object,
    headers: http.OutgoingHttpHeaders,
    { onLine, onEnd }: Stream,
  ): () => void {
    let isOver = false;
    const end = (error?: StoreError) => {
      if (isOver) return;
      isOver = true;
      request.destroy();
      onEnd(error);
    };
    const fail = (error: unknown) => end(errorOfConnection(endpoint, error, "no"));
    const request = this.#request(endpoint, path, body, headers, fail, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        const lines = text.split("\n");
        text = lines.pop() ?? "";
        for (const line of lines) if (!isOver && line !== "") onLine(line);
      });
      response.on("error", fail);
      response.on("close", () => {
        const { statusCode = 0 } = response;
        end(statusCode === 200 ? undefined : errorOfAnswer(endpoint, statusCode, text));
      });
    });
    return () => {
      isOver = true;
      request.destroy();
    };
  }

  /** Requests that are under way fail. */
  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  #request(
    endpoint: string,
    path: string,
    body: object,
    headers: http.OutgoingHttpHeaders,
    fail: (error: unknown, wasSent: boolean) => void,
    onResponse: (response: http.IncomingMessage) => void,
  ): http.ClientRequest {
    const isSecure = endpoint.startsWith("https:");
    const settings = { keepAlive: true, keepAliveMsecs: PROBE_AFTER, ...this.#secrets };
    this.#agent ??= isSecure ? new https.Agent(settings) : new http.Agent(settings);
    const options = {
      ...{ method: "POST", agent: this.#agent },
      headers: { "content-type": "application/json", ...headers },
    };
    const url = `${endpoint}/v3/${path}`;
    const request = (isSecure ? https : http).request(url, options, onResponse);
    let wasSent = false;
    request.on("socket", (socket) => {
      // A connection that is used again may take the request at any time.
      if (!socket.connecting) wasSent = true;
      else
        socket.once(isSecure ? "secureConnect" : "connect", () => {
          wasSent = true;
        });
      socket.setKeepAlive(true, PROBE_AFTER);
    });
    request.on("error", (error) => fail(error, wasSent));
    request.end(JSON.stringify(body));
    return request;
  }
}

function unanswered(endpoint: string): StoreError {
  const message = `etcd at ${endpoint} did not answer in time.`;
  return new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "maybe" });
}

function contentOf(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const because = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    const rule = `must name a file that can be read${because}`;
    throw invalid({ name, rule, value: path, example: '"/etc/etcd/ca.crt"' });
  }
}
