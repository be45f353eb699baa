import type { StoreRequest } from "../lease-store.ts";

/** What a server says of itself in every reply. */
export interface ServerNote {
  /** Its identity; another one after every restart. */
  readonly run: string;
  /** Its clock, in µs since 1970. */
  readonly now: number;
}

/** What is known of the server: who it was, and what its clock showed. */
export class KnownServer {
  #note: ServerNote = { run: "", now: 0 };
  /** When it was heard, on our clock. */
  #at = 0;
  /** When another one than before was first heard, on our clock. */
  #changedAt = Number.NEGATIVE_INFINITY;

  /** Empty before the first reply. */
  get run(): string {
    return this.#note.run;
  }

  /** A reply has arrived just now. */
  heard(note: ServerNote, clock: StoreRequest["clock"]): void {
    const now = clock.now();
    if (this.run !== "" && this.run !== note.run) this.#changedAt = now;
    this.#note = note;
    this.#at = now;
  }

  /**
   * For how long nothing may be acquired on it, in ms, after another one was heard before: a leader may have been
   * elected there. The server itself does not know if it has kept running meanwhile, behind a proxy that has led to it
   * again. `quarantine` in ms.
   */
  doubtful(quarantine: number, { now }: StoreRequest["clock"]): number {
    return Math.max(0, this.#changedAt + quarantine - now());
  }

  /**
   * The not-after of a request on the server's clock, in µs: a little early, for the server read its clock before
   * its reply arrived. In the past if no server is known.
   */
  lastMoment({ notAfter }: Pick<StoreRequest, "notAfter">): number {
    if (this.run === "") return 0;
    return Math.floor(this.#note.now + (notAfter - this.#at) * 1000);
  }
}
