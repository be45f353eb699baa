import { isDeepStrictEqual } from "node:util";
import type {
  Cell,
  CellListener,
  ObservedRecord,
  Register,
  Written,
} from "../../src/stores/observed/register.ts";

/** What stands behind the registers of one test. A test may change it as a fault would. */
export class Shelf {
  readonly cells = new Map<string, Cell>();
  readonly listeners = new Map<string, Set<CellListener>>();
  #versions = 0;

  cell(key: string): Cell {
    return this.cells.get(key) ?? { version: "0", record: undefined };
  }

  put(key: string, record: ObservedRecord | undefined): Cell {
    this.#versions += 1;
    const cell = { version: String(this.#versions), record };
    if (record === undefined) this.cells.delete(key);
    else this.cells.set(key, cell);
    this.publish(key);
    return cell;
  }

  /** Replaces the cell without a notification, as a restored backup. Those who watch are cut off. */
  setBack(key: string, cell: Cell): void {
    if (cell.record === undefined) this.cells.delete(key);
    else this.cells.set(key, cell);
    this.interrupt(key);
  }

  publish(key: string): void {
    const cell = this.cell(key);
    for (const listener of [...(this.listeners.get(key) ?? [])]) {
      queueMicrotask(() => {
        if (this.listeners.get(key)?.has(listener)) listener.onCell(cell);
      });
    }
  }

  interrupt(key: string): void {
    for (const listener of this.listeners.get(key) ?? []) listener.onInterrupted();
  }
}

/** A register in the memory of a test, of one process. */
export class MemoryRegister implements Register {
  readonly shelf: Shelf;

  constructor(shelf: Shelf) {
    this.shelf = shelf;
  }

  async read(key: string): Promise<Cell> {
    return this.shelf.cell(key);
  }

  async compareAndSet(key: string, seen: Cell, record: ObservedRecord): Promise<Written<Cell>> {
    const found = this.shelf.cell(key);
    if (!isDeepStrictEqual(found, seen)) return { written: false, cell: found };
    return { written: true, cell: this.shelf.put(key, record) };
  }

  watch(key: string, listener: CellListener): () => void {
    const listeners = this.shelf.listeners.get(key) ?? new Set();
    this.shelf.listeners.set(key, listeners.add(listener));
    const cell = this.shelf.cell(key);
    queueMicrotask(() => {
      if (listeners.has(listener)) listener.onCell(cell);
    });
    return () => listeners.delete(listener);
  }

  async keys(): Promise<string[]> {
    return [...this.shelf.cells.keys()];
  }

  async close(): Promise<void> {}
}
