import { StoreError } from "../../../errors.ts";
import { sendFor } from "../../connections/asked-request.ts";
import type { CommandConnection } from "../../connections/command-connection.ts";
import type { Calls } from "../../connections/request-queue.ts";
import type { StoreRequest } from "../../lease-store.ts";
import {
  isAcrossSlots,
  isKeyDenied,
  isNoScript,
  isTryAgain,
  storeErrorOf,
} from "../client/redis-errors.ts";
import type { GuardSettings } from "../guard-settings.ts";
import type { Acquaintance, KnownServers } from "./known-servers.ts";
import { type CallReply, parseCall, type ScriptReply } from "./redis-reply.ts";
import {
  digestOf,
  leaderScript,
  lockingLeaderScript,
  lockingScript,
  script,
} from "./redis-scripts.ts";
import { missingReplicas, needsReplicas } from "./replica-count.ts";
import { encodeCall } from "./script-call.ts";
import { introduces, isGuarded, type ScriptRequest } from "./script-request.ts";

/**
 * How many requests travel in one call at most. More would save little, and the server answers its other clients
 * later while it is busy with one call: with 500, the slowest hundredth took three times as long (measured).
 */
const MOST_REQUESTS = 200;

/** How often one request may be repeated because the server turned out to be another one. */
const INTRODUCTIONS = 4;

/** Statuses of requests for which the server has noted nothing that the call said of other servers. */
const unnoticed: ReadonlySet<string> = new Set(["server", "late", "more", "introduced"]);

/** What the nodes of one cluster share. */
export interface Membership {
  readonly known: KnownServers;
  readonly slotOf: (key: string) => number;
  /** A hash tag that lies in the slot of the key. */
  readonly tagOf: (key: string) => string;
  /** Why it does not count what this node does for a key; `owner`: by whom the request was sent here. */
  readonly confirm: (key: string, owner: string | undefined) => Promise<StoreError | undefined>;
}

/** One call of the script. */
interface Call {
  readonly line: CommandConnection<readonly string[]>;
  readonly requests: readonly ScriptRequest[];
  readonly first: ScriptRequest;
  /** The script. */
  readonly text: string;
  /** What was known of the server when the call left. */
  readonly acquaintance: Acquaintance;
  readonly isStamped: boolean;
  readonly sentAt: number;
}

/** Calls of the script with up to 200 requests each, every one of which is judged for itself. */
export class ScriptCalls implements Calls<ScriptRequest, readonly string[]> {
  readonly #settings: GuardSettings;
  readonly #known: KnownServers;
  readonly #keyPrefix: string;
  /** Keys that the server denies. Each travels alone, or the others of its call would be denied with it. */
  readonly #denied = new Set<string>();
  /** Scripts that the server did not know when they were last called. */
  readonly #forgotten = new Set<string>();
  readonly #membership: Membership | undefined;
  /** Those that the owner of their slot sent here while the slot is being moved, and that owner. */
  readonly #sentHere = new WeakMap<StoreRequest, string>();

  constructor(
    settings: GuardSettings,
    known: KnownServers,
    keyPrefix: string,
    membership?: Membership,
  ) {
    this.#settings = settings;
    this.#known = known;
    this.#keyPrefix = keyPrefix;
    this.#membership = membership;
  }

  /** The owner of the slot has sent this request here. Without a word of it, it would be sent back. */
  expect(request: StoreRequest, owner: string): void {
    this.#sentHere.set(request, owner);
  }

  /** Whether a call may have several requests: not when every key may belong to another server. */
  get areShared(): boolean {
    return this.#known.isSingle;
  }

  /** Any may travel with any other on one server; in a cluster those of one slot, if they know the same of it. */
  fits({ request }: ScriptRequest, [first]: readonly ScriptRequest[]): boolean {
    if (this.areShared || first === undefined) return true;
    const slotOf = this.#membership?.slotOf;
    if (slotOf?.(request.key) !== slotOf?.(first.request.key)) return false;
    const [one, other] = [this.#known.of(request.key), this.#known.of(first.request.key)];
    return one.server?.run === other.server?.run && one.elsewhere === other.elsewhere;
  }

  /** How many requests a call may have at most that has this one. */
  roomFor({ request: { key }, company }: ScriptRequest): number {
    const { server } = this.#known.of(key);
    // The first call only learns which server it is.
    const isSeparate = !this.areShared && this.#membership === undefined;
    const isAlone = isSeparate || server === undefined || this.#denied.has(key);
    return isAlone ? 1 : Math.min(company, MOST_REQUESTS);
  }

  /** Settles the requests. Returns those for which nothing was done yet and that have to travel again. */
  async carryOut(
    line: CommandConnection<readonly string[]>,
    requests: readonly ScriptRequest[],
  ): Promise<readonly ScriptRequest[]> {
    const [first] = requests;
    if (first === undefined) return [];
    const acquaintance = this.#known.of(first.request.key);
    // Without the guard the script needs no stamp, and the user need not have the right to its key.
    const isStamped =
      this.#settings.restartGuard && acquaintance.server !== undefined && this.#known.isSingle;
    const sentAt = first.request.clock.now();
    const text = this.#textFor(first);
    const call: Call = { line, requests, first, text, acquaintance, isStamped, sentAt };
    let again: readonly ScriptRequest[];
    try {
      // Asked while the call is on its way: what is known before the call leaves is too old.
      const confirmed = this.#confirm(call);
      const reply = parseCall(await this.#run(call), requests.length);
      again = this.#onReply(call, reply, await this.#missing(call, reply, confirmed));
    } catch (error) {
      again = this.#onFailure(call, error);
    }
    for (const request of again) request.onEnd = undefined;
    return again;
  }

  #textFor({ name }: ScriptRequest): string {
    const isLimited = name === "acquire" || (this.#known.latest?.version ?? 0) < 7;
    if (this.#settings.alsoLock === undefined) return isLimited ? script : leaderScript;
    return isLimited ? lockingScript : lockingLeaderScript;
  }

  async #run(call: Call): Promise<unknown> {
    const { requests, first, text, acquaintance, isStamped } = call;
    const tag = this.#membership?.tagOf(first.request.key) ?? "";
    const caller = { settings: this.#settings, keyPrefix: this.#keyPrefix, tag };
    const args = encodeCall(requests, { ...caller, acquaintance, isStamped });
    const sent = this.#forgotten.delete(text) ? ["EVAL", text] : ["EVALSHA", digestOf(text)];
    if (requests.some(({ request }) => this.#sentHere.has(request))) {
      // It holds for the next command. If it is refused, that one is sent back.
      call.line.request(["ASKING"]).answer.catch(() => {});
    }
    return await sendFor(call.line, [...sent, ...args], requests);
  }

  /** Why what the call has done must not be relied upon, if too few replicas have it or its server was replaced. */
  async #missing(
    { line, requests }: Call,
    { replies }: CallReply,
    confirmed: Promise<StoreError | undefined> | undefined,
  ) {
    if (!replies.some(needsReplicas)) return undefined;
    const { minReplicas } = this.#settings;
    const missing =
      minReplicas === 0 ? undefined : await missingReplicas(line, requests, minReplicas);
    return missing ?? (await confirmed);
  }

  /** Whether the other nodes of a cluster still say that the slot is here. */
  #confirm({ requests, first }: Call): Promise<StoreError | undefined> | undefined {
    if (!requests.some(({ name }) => isGuarded(name))) return undefined;
    return this.#membership?.confirm(first.request.key, this.#sentHere.get(first.request));
  }

  #onReply(
    call: Call,
    { note, replies }: CallReply,
    missing: StoreError | undefined,
  ): readonly ScriptRequest[] {
    this.#hear(call, { note, replies });
    return call.requests.filter((request, at) => {
      const reply = replies[at];
      if (reply === undefined) return false;
      if (missing === undefined || !needsReplicas(reply))
        return !this.#settle(call, request, reply);
      this.#onMissing(request, reply, missing);
      return false;
    });
  }

  /**
   * While replicas still follow another primary, that one renews leases. So for a candidate, and for a leader whose
   * renewal found the server waiting, this is like news from there: the next request has the server wait anew.
   */
  #onMissing(request: ScriptRequest, { rest }: ScriptReply, missing: StoreError): void {
    const { key, clock } = request.request;
    const hasWait = request.name === "acquire" || rest.includes("quarantined");
    if (hasWait) this.#known.doubt(key, clock.now());
    request.reject(missing);
  }

  /** Also from an answer that is too late to count: it says which server the address led to. */
  #hear({ requests, first, acquaintance, sentAt }: Call, { note, replies }: CallReply): void {
    const introductions = replies.filter(
      ({ status }, at) => status !== "error" && isIntroduced(requests[at]),
    );
    if (introductions.length === 0) return;
    const isLate = requests.every(({ isAwaited }) => !isAwaited);
    const isCarriedOut = !isLate && introductions.some(({ status }) => !unnoticed.has(status));
    const passedOn = isCarriedOut ? acquaintance.elsewhere : undefined;
    for (const { key } of new Set(this.areShared ? [first.request] : requests.map(requestOf))) {
      const { server } = this.#known.of(key);
      const now = first.request.clock.now();
      if (isLate && server !== undefined && server.at > sentAt) {
        // Which of the two answered later is not known: the other may have granted leases up to now.
        if (server.run !== note.run) this.#known.doubt(key, now);
        continue;
      }
      this.#known.heard(key, note, now, passedOn);
    }
  }

  /** Returns false if the request has to travel again, since the server was not the one that the process knew. */
  #settle({ line }: Call, request: ScriptRequest, reply: ScriptReply): boolean {
    const { clock, notAfter } = request.request;
    if (reply.status === "error") {
      const error = storeErrorOf(replyError(reply.rest));
      line.doubt(error);
      request.reject(error);
      return true;
    }
    const isOutdated = reply.status === "late" && clock.now() < notAfter;
    if (reply.status !== "server" && !isOutdated) {
      this.#denied.delete(request.request.key);
      request.resolve(reply);
      return true;
    }
    request.introductions += 1;
    if (request.introductions < INTRODUCTIONS) return false;
    const message = "The Redis server changed its identity or clock during the request.";
    request.reject(new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "no" }));
    return true;
  }

  #onFailure({ requests, text, isStamped }: Call, error: unknown): readonly ScriptRequest[] {
    if (isAcrossSlots(error) && (isStamped || requests.length > 1)) {
      // An address of several servers that calls itself one, such as a proxy.
      this.#known.separateKeys();
      return requests;
    }
    if (isTryAgain(error) && requests.length > 1) {
      // The slot is being moved, and has only some of these keys at either end. Alone, each is sent where it is.
      for (const request of requests) request.company = 1;
      return requests;
    }
    if (isNoScript(error)) {
      this.#forgotten.add(text);
      // Not at once with the text: what is waited for no longer by now must not be sent.
      return requests;
    }
    if (isKeyDenied(error)) {
      const [only, ...others] = requests;
      if (others.length > 0) return divided(requests);
      if (only !== undefined) this.#denied.add(only.request.key);
    }
    for (const request of requests) request.reject(error);
    return [];
  }
}

function isIntroduced(request: ScriptRequest | undefined): boolean {
  return request !== undefined && introduces(request.name);
}

function requestOf({ request }: ScriptRequest): StoreRequest {
  return request;
}

/** One key among them is denied: in calls of half the size, the other half gets its answers. */
function divided(requests: readonly ScriptRequest[]): readonly ScriptRequest[] {
  for (const request of requests) request.company = Math.ceil(requests.length / 2);
  return requests;
}

function replyError([text = ""]: readonly string[]): Error {
  const error = new Error(text);
  error.name = "ReplyError";
  return error;
}
