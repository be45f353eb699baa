import { StoreError } from "../../errors.ts";
import type { Timer } from "../connections/timer.ts";
import type { KubernetesRequests } from "./kubernetes-requests.ts";
import type { LeaseObject } from "./lease-object.ts";

/** Who watches. */
export interface LeaseListener {
  /** The Lease, or its absence. Returns its version. */
  onLease(lease: LeaseObject | undefined): string;
  onInterrupted(): void;
}

/** How long to wait before another connection, in ms: doubled with each failure in a row. */
const SHORTEST_PAUSE = 50;
const LONGEST_PAUSE = 5000;
/** How long it may take to begin, in ms. */
const BEGINS_WITHIN = 5000;
/** How long a change that a request has shown may take to arrive, in ms, before the watch counts as dead. */
const ARRIVES_WITHIN = 2000;
/** How long a watch that gets bookmarks may be silent, in ms: the API server sends one each minute. */
const LONGEST_SILENCE = 180_000;

/** A Lease, watched until `end`, over as many connections as that takes. */
export class LeaseWatch {
  readonly #requests: KubernetesRequests;
  readonly #name: string;
  readonly #timer: Timer;
  readonly #listener: LeaseListener;
  readonly #ended = new AbortController();
  #connection = new AbortController();
  /** What was reported last, over this connection. */
  #version: string | undefined;

  constructor(requests: KubernetesRequests, name: string, timer: Timer, listener: LeaseListener) {
    this.#requests = requests;
    this.#name = name;
    this.#timer = timer;
    this.#listener = listener;
    void this.#run();
  }

  end(): void {
    this.#ended.abort();
    this.#connection.abort();
  }

  /**
   * A request has shown that this version is an old one. If the watch does not report a newer one soon, its connection
   * is dead: one whose other end is gone is silent for minutes.
   */
  doubt(version: string): void {
    if (this.#version !== version) return;
    const connection = this.#connection;
    this.#abortAfter(ARRIVES_WITHIN, connection, () => this.#version === version);
  }

  async #run(): Promise<void> {
    let pause = SHORTEST_PAUSE;
    while (!this.#ended.signal.aborted) {
      const connection = new AbortController();
      this.#connection = connection;
      // Whatever went wrong, another connection may do better, and requests report the error.
      await this.#follow(connection).catch(() => {});
      connection.abort();
      if (this.#ended.signal.aborted) return;
      const wasLive = this.#version !== undefined;
      this.#version = undefined;
      if (wasLive) this.#listener.onInterrupted();
      pause = wasLive ? SHORTEST_PAUSE : Math.min(2 * pause, LONGEST_PAUSE);
      await this.#sleep(pause);
    }
  }

  /** Reports the Lease and its changes for as long as the connection lives. */
  async #follow(connection: AbortController): Promise<void> {
    const { signal } = connection;
    const begun = this.#abortAfter(BEGINS_WITHIN, connection);
    const { metadata, items = [] } = await this.#requests.list(this.#name, { signal });
    const since = metadata?.resourceVersion ?? "0";
    const events = await this.#requests.watch(this.#name, since, { signal });
    begun();
    this.#report(items[0], signal);
    let heard = () => {};
    for await (const { type, object } of events) {
      heard();
      // Gone: changes since that version are forgotten. Another list begins anew.
      if (type === "ERROR") throw interrupted(this.#name);
      if (type === "BOOKMARK") heard = this.#abortAfter(LONGEST_SILENCE, connection);
      else this.#report(type === "DELETED" ? undefined : object, signal);
    }
  }

  #report(lease: LeaseObject | undefined, signal: AbortSignal): void {
    if (!signal.aborted) this.#version = this.#listener.onLease(lease);
  }

  /** Unless the returned function is called before, or it is not `due` then. */
  #abortAfter(ms: number, connection: AbortController, isDue = () => true): () => void {
    const cancel = this.#timer(ms, () => {
      if (isDue()) connection.abort();
    });
    connection.signal.addEventListener("abort", cancel, { once: true });
    return cancel;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#timer(ms, resolve);
      this.#ended.signal.addEventListener(
        "abort",
        () => {
          cancel();
          resolve();
        },
        { once: true },
      );
    });
  }
}

function interrupted(name: string): StoreError {
  const message = `The watch of the Lease "${name}" was ended by the API server.`;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { applied: "no" });
}
