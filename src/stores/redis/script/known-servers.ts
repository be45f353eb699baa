import type { ServerNote } from "./redis-reply.ts";

/** A server, and when on our clock it said what its own clock shows. */
export interface KnownServer extends ServerNote {
  readonly at: number;
}

/** The server that keeps one election, as far as it is known. */
export interface Acquaintance {
  readonly server: KnownServer | undefined;
  /**
   * When another one was last heard from, on our clock, until the present one knows: it may have
   * granted leases that are not known here.
   */
  readonly elsewhere: number | undefined;
}

/** After so long without a word of it, in ms, a server is no longer remembered for its key alone. */
const REMEMBERED = 3_600_000;

/** A server that has not been heard from. */
const stranger: Acquaintance = { server: undefined, elsewhere: undefined };

/**
 * Which server an address leads to: the same one for all keys, or one for each key, as in a Redis Cluster
 * or behind a proxy that stands before several servers.
 */
export class KnownServers {
  readonly #acquaintances = new Map<string, Acquaintance>();
  #latest: KnownServer | undefined;
  #isSingle = true;

  /** The one that was last heard from. */
  get latest(): KnownServer | undefined {
    return this.#latest;
  }

  /** Whether one server keeps all keys, so that a script may be given several. */
  get isSingle(): boolean {
    return this.#isSingle;
  }

  /** From now on every key may belong to another server. */
  separateKeys(): void {
    this.#isSingle = false;
  }

  of(key: string): Acquaintance {
    return this.#acquaintances.get(this.#isSingle ? "" : key) ?? stranger;
  }

  /**
   * An answer came. `passedOn`: what its request said of when another server was last heard from, if it was
   * carried out.
   */
  heard(key: string, note: ServerNote, at: number, passedOn: number | undefined): void {
    const { server, elsewhere } = this.of(key);
    if (note.mode === "cluster") this.separateKeys();
    this.#latest = { ...note, at };
    const isOther = server !== undefined && server.run !== note.run;
    // An answer to an earlier request, which said nothing of this, does not end it.
    const unsaid = elsewhere === passedOn ? undefined : elsewhere;
    this.#forgetOld(at);
    this.#acquaintances.set(this.#isSingle ? "" : key, {
      server: this.#latest,
      elsewhere: isOther ? server.at : unsaid,
    });
  }

  /** As if another server had been heard from at this moment. */
  doubt(key: string, at: number): void {
    const { server } = this.of(key);
    this.#acquaintances.set(this.#isSingle ? "" : key, { server, elsewhere: at });
  }

  #forgetOld(now: number): void {
    if (this.#isSingle) return;
    for (const [key, { server }] of this.#acquaintances) {
      if (server === undefined || now - server.at > REMEMBERED) this.#acquaintances.delete(key);
    }
  }
}
