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

  /** Empty before the first reply. */
  get run(): string {
    return this.#note.run;
  }

  /** A reply has arrived just now. */
  heard(note: ServerNote, clock: StoreRequest["clock"]): void {
    this.#note = note;
    this.#at = clock.now();
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
