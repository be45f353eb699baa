import { type BellSettings, MysqlBell } from "./mysql-bell.ts";
import { textLiteral } from "./mysql-literals.ts";
import type { MysqlSettings } from "./mysql-settings.ts";

/** An election that is watched. */
interface Watched {
  readonly watchers: Set<symbol>;
  /** Nothing while there are no bells left, or the store is closed. */
  bell: MysqlBell | undefined;
}

/** The bells of the first elections that a store watches, as many as it may have connections for. */
export class MysqlBells {
  readonly #settings: BellSettings;
  readonly #store: Pick<MysqlSettings, "bells" | "schema" | "table">;
  readonly #onRing: (key: string) => void;
  readonly #watched = new Map<string, Watched>();
  #isOpen = true;
  #count = 0;

  constructor(
    settings: BellSettings,
    store: Pick<MysqlSettings, "bells" | "schema" | "table">,
    onRing: (key: string) => void,
  ) {
    this.#settings = settings;
    this.#store = store;
    this.#onRing = onRing;
  }

  /** The election is watched until the returned function is called. */
  add(key: string): () => void {
    const watcher = Symbol();
    const watched = this.#watched.get(key) ?? { watchers: new Set(), bell: undefined };
    this.#watched.set(key, watched);
    watched.watchers.add(watcher);
    this.#hang();
    return () => {
      if (!watched.watchers.delete(watcher) || watched.watchers.size > 0) return;
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
      watched.bell = new MysqlBell(this.#settings, this.#nameOf(key), () => this.#onRing(key));
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
