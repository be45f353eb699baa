import { HttpClient, type HttpReply, type HttpRequest, linesOf } from "../http/http-client.ts";
import type { Wait } from "../observed/register.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { type Asked, refusalOf } from "./kubernetes-errors.ts";
import { checkLeaseName } from "./lease-name.ts";
import type { LeaseObject } from "./lease-object.ts";

/** Leases, with what the list says of the moment that it shows. */
export interface LeaseList {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly items?: readonly LeaseObject[];
}

/** A change, on a line of a watch. */
export interface LeaseEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: LeaseObject;
}

/** The requests for Leases, in one namespace. */
export class KubernetesRequests {
  readonly namespace: string;
  readonly #access: ClusterAccess;
  readonly #client = new HttpClient("Kubernetes");

  constructor(access: ClusterAccess, namespace: string) {
    this.namespace = namespace;
    this.#access = access;
  }

  /** Nothing if there is no such Lease. */
  async get(name: string, wait: Wait): Promise<LeaseObject | undefined> {
    const reply = await this.#send("GET", pathOf(name), {}, wait);
    if (reply.status === 404) return undefined;
    return read<LeaseObject>(reply, this.#asked("get", name));
  }

  /** The Lease as it is now; nothing if another one was there before. */
  async create(name: string, lease: LeaseObject, wait: Wait): Promise<LeaseObject | undefined> {
    const reply = await this.#send("POST", "", { lease }, wait);
    if (reply.status === 409) return undefined;
    return read<LeaseObject>(reply, this.#asked("create", name));
  }

  /** The Lease as it is now; nothing if it is not the one any more that has the uid and version of `lease`. */
  async update(name: string, lease: LeaseObject, wait: Wait): Promise<LeaseObject | undefined> {
    const reply = await this.#send("PUT", pathOf(name), { lease }, wait);
    if (reply.status === 409 || reply.status === 404) return undefined;
    return read<LeaseObject>(reply, this.#asked("update", name));
  }

  /** All Leases of the namespace, or the one of this name. */
  async list(name: string | undefined, wait: Wait): Promise<LeaseList> {
    const query = name === undefined ? {} : selected(name);
    const reply = await this.#send("GET", "", { query }, wait);
    return read<LeaseList>(reply, this.#asked("list", name));
  }

  /** Asks for something else than Leases. The reply may be a refusal. */
  async ask(path: string, body: object | undefined, wait: Wait): Promise<HttpReply> {
    const method = body === undefined ? "GET" : "POST";
    return this.#client.send(await this.#requestAt(method, path, { body }), wait);
  }

  /** The changes of a Lease since a version, as they happen. Resolves when the watch has begun. */
  async watch(
    name: string,
    resourceVersion: string,
    wait: Wait,
  ): Promise<AsyncGenerator<LeaseEvent>> {
    const query = {
      ...selected(name),
      watch: "true",
      resourceVersion,
      allowWatchBookmarks: "true",
    };
    const response = await this.#client.open(await this.#request("GET", "", { query }), wait);
    const pieces = this.#client.textOf(response, wait);
    if (response.statusCode === 200) return eventsOf(pieces);
    let text = "";
    for await (const piece of pieces) text += piece;
    throw refusalOf({ status: response.statusCode ?? 0, text }, this.#asked("watch", name));
  }

  close(): void {
    this.#client.close();
  }

  async #send(method: string, path: string, parts: Parts, wait: Wait): Promise<HttpReply> {
    return this.#client.send(await this.#request(method, path, parts), wait);
  }

  #request(method: string, path: string, { lease, query }: Parts): Promise<HttpRequest> {
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${this.namespace}/leases`;
    return this.#requestAt(method, `${leases}${path}`, { body: lease, query });
  }

  async #requestAt(method: string, path: string, given: Content): Promise<HttpRequest> {
    const { server } = this.#access;
    const url = new URL(`${server.pathname.replace(/\/$/, "")}${path}`, server);
    url.search = new URLSearchParams(given.query).toString();
    const { headers, tls } = await this.#access.credentials();
    const body = given.body && JSON.stringify(given.body);
    const content = body === undefined ? {} : { "content-type": "application/json" };
    const own = { accept: "application/json", "user-agent": "incumbent", ...content };
    return { method, url, body, tls, headers: { ...own, ...headers } };
  }

  #asked(verb: Asked["verb"], name?: string): Asked {
    return { verb, namespace: this.namespace, name };
  }
}

async function* eventsOf(pieces: AsyncIterable<string>): AsyncGenerator<LeaseEvent> {
  // As the API server writes it.
  for await (const line of linesOf(pieces)) yield JSON.parse(line) as LeaseEvent;
}

interface Content {
  readonly body?: object | undefined;
  readonly query?: Record<string, string> | undefined;
}

interface Parts {
  readonly lease?: LeaseObject;
  readonly query?: Record<string, string>;
}

function pathOf(name: string): string {
  return `/${checkLeaseName(name)}`;
}

function selected(name: string): Record<string, string> {
  return { fieldSelector: `metadata.name=${checkLeaseName(name)}` };
}

function read<Reply>(reply: HttpReply, asked: Asked): Reply {
  if (reply.status !== 200 && reply.status !== 201) throw refusalOf(reply, asked);
  return JSON.parse(reply.text) as Reply; // As the API server writes it.
}
