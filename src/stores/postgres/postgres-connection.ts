import type { Wait } from "../connections/command-connection.ts";
import { CommandConnections } from "../connections/command-connections.ts";
import type { ServerKind } from "../connections/driver.ts";
import type { Timer } from "../connections/timer.ts";
import { driversOver, type OpenLink, type Statement } from "./postgres-driver.ts";
import type { PostgresHints } from "./postgres-hints.ts";

/** How long to wait before the next attempt to hear notifications again: 50 ms at first, 1 s in the end. */
const reconnectDelay = (failures: number): number => Math.min(1000, 50 * 2 ** failures);

/** How connections are made. */
export interface Openers {
  readonly open: OpenLink;
  /** Those for notifications; nothing if the others serve for them. */
  readonly openEar: OpenLink | undefined;
  readonly channel: string;
}

/** By what the attempts to hear notifications are paced. */
interface Time {
  readonly timer: Timer;
  readonly clock: Wait["clock"];
}

/**
 * Connections of our own, usually one, for statements and for notifications. The user's client is only copied: its
 * transactions would hold up a renewal.
 */
export class PostgresConnection {
  readonly lines: CommandConnections<Statement>;
  /** On which notifications are heard. */
  readonly #ears: CommandConnections<Statement>;
  readonly #hints: PostgresHints;
  readonly #timer: Timer;
  readonly #clock: Wait["clock"];
  #failures = 0;
  #isClosed = false;
  #cancelReconnect: () => void = () => {};

  constructor(
    kind: ServerKind,
    { open, openEar, channel }: Openers,
    hints: PostgresHints,
    { timer, clock }: Time,
  ) {
    this.#hints = hints;
    this.#timer = timer;
    this.#clock = clock;
    const hearing = {
      channel,
      notified: (payload: string) => hints.notified(payload),
      listening: () => this.#onListening(),
      deaf: () => hints.deaf(),
      lost: () => this.#onLost(),
    };
    const silent = { ...hearing, channel: undefined, lost: () => {} };
    const drivers = driversOver(open, openEar === undefined ? hearing : silent);
    // What became of the one for statements may have become of the one for notifications.
    this.lines = new CommandConnections(kind, drivers, () => this.#renewEar());
    this.#ears =
      openEar === undefined
        ? this.lines
        : new CommandConnections(kind, driversOver(openEar, hearing), () => {});
  }

  seek(wait: Pick<Wait, "clock" | "notAfter">): number {
    this.#isClosed = false;
    if (!this.#hints.isEmpty) this.listen();
    return this.lines.seek(wait);
  }

  /** Sends one statement. Rejects with a `StoreError`, as soon as the signal is aborted at the latest. */
  async send(statement: Statement, wait: Wait): Promise<unknown> {
    this.seek(wait);
    const line = await this.lines.choose(wait);
    return line.send(statement, wait);
  }

  /** Sees to it that changes are heard, unless it is closed: then the next request does. */
  listen(): void {
    if (!this.#isClosed) this.#ears.seek({ clock: this.#clock });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelReconnect();
    this.lines.close();
    if (this.#ears !== this.lines) this.#ears.close();
  }

  #renewEar(): void {
    if (this.#ears === this.lines || this.#hints.isEmpty) return;
    this.#ears.close();
    this.listen();
  }

  #onListening(): void {
    this.#failures = 0;
    this.#hints.listening();
  }

  /** No request may come before the lease ends, and a release would go unheard until then. */
  #onLost(): void {
    this.#cancelReconnect();
    if (this.#isClosed || this.#hints.isEmpty) return;
    this.#cancelReconnect = this.#timer(reconnectDelay(this.#failures), () => this.listen());
    this.#failures = Math.min(this.#failures + 1, 10);
  }
}
