import type { Hint } from "../lease-store.ts";
import { type BellSettings, MysqlBell } from "./mysql-bell.ts";
import { textLiteral } from "./mysql-literals.ts";
import type { MysqlSettings } from "./mysql-settings.ts";

/** An election that is watched. */
interface Watched {
  readonly listeners: Set<{ readonly onHint: (hint: Hint) => void }>;
  /** Nothing while there are no bells left, or the store is closed. */
  bell: MysqlBell | undefined;
}

/** The bells of the first elections that a store watches, as many as it may have connections for. */
export class MysqlBells {
  readonly #settings: BellSettings;
  readonly #store: Pick<MysqlSettings, "bells" | "schema" | "table">;
  readonly #watched = new Map<string, Watched>();
  #isOpen = true;
  #count = 0;

  constructor(settings: BellSettings, store: Pick<MysqlSettings, "bells" | "schema" | "table">) {
    this.#settings = settings;
    this.#store = store;
  }

  /** Calls `onHint` when a leader rings, until the returned function is called. */
  add(key: string, onHint: (hint: Hint) => void): () => void {
    const listener = { onHint };
    const watched = this.#watched.get(key) ?? { listeners: new Set(), bell: undefined };
    this.#watched.set(key, watched);
    watched.listeners.add(listener);
    this.#hang();
    return () => {
      if (!watched.listeners.delete(listener) || watched.listeners.size > 0) return;
      this.#watched.delete(key);
      this.#takeDown(watched);
      this.#hang();
    };
  }

  /** This store leads the election for so long, in ms; 0: not any more. */
  leads(key: string, ms: number): void {
    this.#watched.get(key)?.bell?.leads(ms);
  }

  /** A request has come. */
  resume(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#hang();
  }

  /** Hears nothing until the next request. */
  close(): void {
    this.#isOpen = false;
    for (const watched of this.#watched.values()) this.#takeDown(watched);
  }

  #hang(): void {
    if (!this.#isOpen) return;
    for (const [key, watched] of this.#watched) {
      if (this.#count >= this.#store.bells) return;
      if (watched.bell !== undefined) continue;
      this.#count += 1;
      watched.bell = new MysqlBell(this.#settings, this.#nameOf(key), () => ring(watched));
    }
  }

  #takeDown(watched: Watched): void {
    if (watched.bell === undefined) return;
    watched.bell.close();
    watched.bell = undefined;
    this.#count -= 1;
  }

  /** The same for all processes, and of at most 64 characters, which MySQL allows. */
  #nameOf(key: string): string {
    const { schema, table } = this.#store;
    const database = schema === undefined ? "DATABASE()" : textLiteral(schema);
    const name = `CONCAT(${database}, '.', ${textLiteral(`${table}.${key}`)})`;
    return `CONCAT('incumbent:', LEFT(SHA2(${name}, 256), 48))`;
  }
}

function ring({ listeners }: Watched): void {
  for (const listener of [...listeners]) if (listeners.has(listener)) listener.onHint("released");
}
