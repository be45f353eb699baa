import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isDeepStrictEqual } from "node:util";
import type { LeaseObject } from "../../src/stores/kubernetes/lease-object.ts";

const PATH = /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/([^/]+)\/leases(?:\/([^/]+))?$/;
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

type Change = { type: "ADDED" | "MODIFIED" | "DELETED"; version: number; object: LeaseObject };
interface Answer {
  readonly status: number;
  readonly body: object;
}
interface Asked {
  readonly namespace: string;
  readonly name: string | undefined;
  readonly url: URL;
}

/**
 * What the API server of Kubernetes does with Leases, as far as the store can see it: seen on version 1.20.
 */
export class KubernetesServer {
  readonly namespaces = new Set(["default", "billing"]);
  readonly leases = new Map<string, LeaseObject>();
  /** What requests were, in their order, such as `PUT default/name`. */
  readonly requests: string[] = [];
  token = "secret";
  /** What the user may not do with Leases, as far as a review of its rights says. */
  readonly denied = new Set<string>();
  /** Answers in place of the server, if it returns a status. */
  intercept: (verb: string) => number | undefined = () => undefined;
  readonly #changes: Change[] = [];
  readonly #watchers = new Set<{ response: ServerResponse; name: string | undefined }>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #version = 100;
  /** Versions up to this one are forgotten. */
  #compacted = 0;

  get url(): string {
    const { port } = this.#server.address() as AddressInfo; // It listens on a port, not on a pipe.
    return `http://127.0.0.1:${port}`;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  async start(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Ends all watches, and forgets what they would go on from. */
  compact(): void {
    this.#version += 1;
    this.#compacted = this.#version;
    for (const { response } of this.#watchers) response.end();
  }

  /** As `kubectl delete`. */
  delete(path: string): void {
    const lease = this.leases.get(path);
    if (lease === undefined) return;
    this.leases.delete(path);
    this.#publish("DELETED", lease);
  }

  /** As another candidate or `kubectl edit` does it: the version is a new one. */
  put(path: string, lease: Omit<LeaseObject, "metadata"> & { metadata?: object }): LeaseObject {
    const [namespace, name] = path.split("/");
    const before = this.leases.get(path);
    const uid = before?.metadata.uid ?? randomUUID();
    const metadata = { ...lease.metadata, name, namespace, uid };
    return this.#publish(before === undefined ? "ADDED" : "MODIFIED", { ...lease, metadata });
  }

  /** Puts an object back with its old version, as a restored backup, which no watcher hears of. */
  restore(path: string, lease: LeaseObject | undefined): void {
    if (lease === undefined) this.leases.delete(path);
    else this.leases.set(path, lease);
    for (const { response } of this.#watchers) response.destroy();
  }

  /** Emits a line to all who watch. */
  emit(event: object): void {
    for (const { response } of this.#watchers) response.write(`${JSON.stringify(event)}\n`);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of request.setEncoding("utf8")) text += piece;
    const url = new URL(request.url ?? "", this.url);
    const [, namespace = "", name] = PATH.exec(url.pathname) ?? [];
    const isWatch = url.searchParams.get("watch") === "true";
    const verb = isWatch ? "WATCH" : (request.method ?? "");
    this.requests.push(`${verb} ${namespace}${name === undefined ? "" : `/${name}`}`);
    const refused = this.#refusal(verb, request.headers.authorization);
    if (refused === undefined && isWatch) return this.#watch(url, response);
    const asked = { namespace, name, url };
    const { status, body } = refused ?? this.#answer(verb, asked, text);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  #refusal(verb: string, authorization: string | undefined): Answer | undefined {
    const status = this.intercept(verb);
    if (status !== undefined) return refusal(status, "Intercepted", "as the test wants it");
    if (authorization === `Bearer ${this.token}`) return undefined;
    return refusal(401, "Unauthorized", "Unauthorized");
  }

  #answer(verb: string, asked: Asked, text: string): Answer {
    const other = this.#answerAbout(asked.url.pathname, text);
    if (other !== undefined) return other;
    if (verb === "GET") return asked.name === undefined ? this.#list(asked) : this.#get(asked);
    const lease = JSON.parse(text) as LeaseObject; // As the store sends it.
    const invalid = whatIsWrongWith(lease);
    if (invalid !== undefined) return invalid;
    return verb === "POST" ? this.#create(asked, lease) : this.#update(asked, lease);
  }

  /** What it says of other things than Leases. */
  #answerAbout(path: string, text: string): Answer | undefined {
    if (path === "/version") return { status: 200, body: { gitVersion: "v1.20.2" } };
    const [, namespace] = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(path) ?? [];
    if (namespace !== undefined) {
      const isThere = this.namespaces.has(namespace);
      const missing = refusal(404, "NotFound", `namespaces "${namespace}" not found`);
      return isThere ? { status: 200, body: { kind: "Namespace" } } : missing;
    }
    if (!path.endsWith("/selfsubjectaccessreviews")) return undefined;
    const { verb } = JSON.parse(text).spec.resourceAttributes;
    return { status: 201, body: { status: { allowed: !this.denied.has(verb) } } };
  }

  #get({ namespace, name }: Asked): Answer {
    const body = this.leases.get(`${namespace}/${name}`);
    if (body !== undefined) return { status: 200, body };
    return refusal(404, "NotFound", `leases.coordination.k8s.io "${name}" not found`);
  }

  #list({ namespace, url }: Asked): Answer {
    const only = nameIn(url);
    const items = [...this.leases]
      .filter(([path]) => path.startsWith(`${namespace}/`))
      .map(([, lease]) => lease)
      .filter(({ metadata }) => only === undefined || metadata["name"] === only);
    const metadata = { resourceVersion: String(this.#version) };
    return { status: 200, body: { kind: "LeaseList", metadata, items } };
  }

  #create({ namespace }: Asked, lease: LeaseObject): Answer {
    const name = String(lease.metadata["name"]);
    if (!this.namespaces.has(namespace)) {
      return refusal(404, "NotFound", `namespaces "${namespace}" not found`);
    }
    if (this.leases.has(`${namespace}/${name}`)) {
      const message = `leases.coordination.k8s.io "${name}" already exists`;
      return refusal(409, "AlreadyExists", message);
    }
    const metadata = { ...lease.metadata, namespace, uid: randomUUID() };
    return { status: 201, body: this.#publish("ADDED", { ...lease, metadata }) };
  }

  #update({ namespace, name }: Asked, lease: LeaseObject): Answer {
    const found = this.leases.get(`${namespace}/${name}`);
    const { uid, resourceVersion } = lease.metadata;
    if (found?.metadata.uid !== uid || found?.metadata.resourceVersion !== resourceVersion) {
      const message = `Operation cannot be fulfilled on leases.coordination.k8s.io "${name}"`;
      return refusal(409, "Conflict", message);
    }
    // Nothing is written, and the version stays.
    if (isDeepStrictEqual(found, lease)) return { status: 200, body: lease };
    return { status: 200, body: this.#publish("MODIFIED", lease) };
  }

  #watch(url: URL, response: ServerResponse): void {
    const since = Number(url.searchParams.get("resourceVersion"));
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    if (since < this.#compacted) {
      const { body: object } = refusal(410, "Expired", `too old resource version: ${since}`);
      response.end(`${JSON.stringify({ type: "ERROR", object })}\n`);
      return;
    }
    const watcher = { response, name: nameIn(url) };
    this.#watchers.add(watcher);
    response.on("close", () => this.#watchers.delete(watcher));
    for (const change of this.#changes) if (change.version > since) send(watcher, change);
  }

  #publish(type: Change["type"], lease: LeaseObject): LeaseObject {
    this.#version += 1;
    const metadata = { ...lease.metadata, resourceVersion: String(this.#version) };
    const object = { ...lease, metadata };
    if (type !== "DELETED") {
      this.leases.set(`${lease.metadata["namespace"]}/${lease.metadata["name"]}`, object);
    }
    const change = { type, version: this.#version, object };
    this.#changes.push(change);
    for (const watcher of this.#watchers) send(watcher, change);
    return object;
  }
}

function send(
  { response, name }: { response: ServerResponse; name: string | undefined },
  { type, object }: Change,
): void {
  if (name !== undefined && object.metadata["name"] !== name) return;
  response.write(`${JSON.stringify({ type, object })}\n`);
}

function nameIn(url: URL): string | undefined {
  return /^metadata\.name=(.+)$/.exec(url.searchParams.get("fieldSelector") ?? "")?.[1];
}

function whatIsWrongWith({ metadata, spec }: LeaseObject): Answer | undefined {
  for (const time of [spec?.acquireTime, spec?.renewTime]) {
    if (typeof time === "string" && !MICRO_TIME.test(time)) {
      return refusal(400, "BadRequest", `parsing time "${time}"`);
    }
  }
  if (NAME.test(String(metadata["name"])) && (spec?.leaseDurationSeconds ?? 1) > 0) return;
  return refusal(422, "Invalid", `Lease.coordination.k8s.io "${metadata["name"]}" is invalid`);
}

function refusal(code: number, reason: string, message: string): Answer {
  return { status: code, body: { kind: "Status", status: "Failure", code, reason, message } };
}
