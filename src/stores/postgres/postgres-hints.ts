import type { Hint } from "../lease-store.ts";
import { fromText } from "../stored-text.ts";

interface Listener {
  readonly key: string;
  readonly onHint: (hint: Hint) => void;
}

/** Those who watch, and what they are notified of. */
export class PostgresHints {
  readonly #listeners = new Set<Listener>();

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  add(key: string, onHint: (hint: Hint) => void): () => void {
    const listener = { key, onHint };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** `released KEY` or `changed KEY`, as the statements notify it. */
  notified(payload: string): void {
    const [, hint, text] = /^(released|changed) (.+)$/s.exec(payload) ?? [];
    if (hint === undefined || text === undefined) return;
    const key = fromText(text);
    this.#notify(hint === "released" ? "released" : "changed", (of) => of === key);
  }

  /** Something may have gone unheard. */
  missed(): void {
    this.#notify("released", () => true);
  }

  #notify(hint: Hint, isMeant: (key: string) => boolean): void {
    for (const listener of [...this.#listeners]) {
      if (isMeant(listener.key) && this.#listeners.has(listener)) listener.onHint(hint);
    }
  }
}
