import { surelyPassed } from "../connections/surely-passed.ts";
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
  /** When another one than before was first heard, on our clock, and what its own showed, in µs. */
  #changed: { readonly at: number; readonly now: number } | undefined;

  /** Empty before the first reply. */
  get run(): string {
    return this.#note.run;
  }

  /** A reply has arrived just now. */
  heard(note: ServerNote, clock: StoreRequest["clock"]): void {
    const at = clock.now();
    if (this.run !== "" && this.run !== note.run) this.#changed = { at, now: note.now };
    this.#note = note;
    this.#at = at;
  }

  /**
   * For how long nothing may be acquired on it, in ms, after another one was heard before: a leader may have been
   * elected there. The server itself does not know if it has kept running meanwhile, behind a proxy that has led to it
   * again. Its clock counts as far as it was heard; ours alone ends the wait later, if that clock is set back.
   * `quarantine` in ms.
   */
  doubtful(quarantine: number, clock: StoreRequest["clock"]): number {
    if (this.#changed === undefined) return 0;
    const now = clock.now();
    const shown = (this.#note.now - this.#changed.now) / 1000;
    const passed = Math.max(
      shown + surelyPassed(now - this.#at),
      surelyPassed(now - this.#changed.at),
    );
    return Math.max(0, quarantine - passed);
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
