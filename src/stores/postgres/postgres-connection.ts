import type { Wait } from "../connections/command-connection.ts";
import { CommandConnections } from "../connections/command-connections.ts";
import { realClock, type Timer } from "../connections/timer.ts";
import { driversOver, type OpenLink, type Statement } from "./postgres-driver.ts";
import { postgresKind } from "./postgres-errors.ts";
import type { PostgresHints } from "./postgres-hints.ts";

/** How long to wait before the next attempt to hear notifications again: 50 ms at first, 1 s in the end. */
const reconnectDelay = (failures: number): number => Math.min(1000, 50 * 2 ** failures);

/**
 * Connections of our own, usually one, for statements and for notifications. The user's client is only copied: its
 * transactions would hold up a renewal.
 */
export class PostgresConnection {
  readonly lines: CommandConnections<Statement>;
  readonly #hints: PostgresHints;
  readonly #timer: Timer;
  #failures = 0;
  #isClosed = false;
  #cancelReconnect: () => void = () => {};

  constructor(open: OpenLink, channel: string, hints: PostgresHints, timer: Timer) {
    this.#hints = hints;
    this.#timer = timer;
    const openDriver = driversOver(open, {
      channel,
      notified: (payload) => hints.notified(payload),
      listening: () => this.#onListening(),
      lost: () => this.#onLost(),
    });
    this.lines = new CommandConnections(postgresKind, openDriver, () => {});
  }

  seek(wait: Pick<Wait, "clock" | "notAfter">): number {
    this.#isClosed = false;
    return this.lines.seek(wait);
  }

  /** Sees to it that changes are heard, unless it is closed: then the next request does. */
  listen(): void {
    if (!this.#isClosed) this.lines.seek({ clock: realClock });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelReconnect();
    this.lines.close();
  }

  #onListening(): void {
    this.#failures = 0;
    this.#hints.missed();
  }

  /** No request may come before the lease ends, and a release would go unheard until then. */
  #onLost(): void {
    this.#cancelReconnect();
    if (this.#isClosed || this.#hints.isEmpty) return;
    this.#cancelReconnect = this.#timer(reconnectDelay(this.#failures), () => this.listen());
    this.#failures = Math.min(this.#failures + 1, 10);
  }
}
