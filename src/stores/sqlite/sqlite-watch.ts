import type { FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import { builtin } from "../../builtin.ts";
import type { Hint } from "../lease-store.ts";
import type { MachineClock } from "./sqlite-clock.ts";
import type { SqliteFile } from "./sqlite-file.ts";

/** How long changes are gathered before another look, in ms. */
const GATHER = 5;

/** How long before the last look, in ms: the writer may have been paused before its change could be read. */
const LATE = 50;

const LOOKS = 3;

interface Listener {
  readonly key: string;
  readonly onHint: (hint: Hint) => void;
}

interface News {
  /** Nothing if it concerns all of them. */
  readonly key: string | undefined;
  readonly hint: Hint;
}

/**
 * Reports changes in the file, made by any process: the operating system says that it was written
 * (inotify on Linux), and one read says whether that was news. Renewals, the most of all writes, are
 * none. One watcher serves all keys.
 *
 * What fails here is dropped: it only wakes those who look by themselves, too.
 */
export class SqliteWatch {
  readonly #file: SqliteFile;
  readonly #clock: MachineClock;
  readonly #listeners = new Set<Listener>();
  #watcher: FSWatcher | undefined;
  /** The last revision that was reported. */
  #seen: number | undefined;
  #looksLeft = 0;
  #cancelLook: () => void = () => {};

  constructor(file: SqliteFile, clock: MachineClock) {
    this.#file = file;
    this.#clock = clock;
  }

  listen(key: string, onHint: (hint: Hint) => void): () => void {
    const listener = { key, onHint };
    this.#listeners.add(listener);
    if (this.#watcher === undefined) this.attach();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.detach();
      this.#seen = undefined;
    };
  }

  /** Begins to watch the file, also after it was opened again and may be another. */
  attach(): void {
    this.detach();
    if (this.#listeners.size === 0) return;
    try {
      // The read may open the file, which attaches: hence no second watcher below.
      const revision = this.#file.read((elections) => elections.lastRevision());
      this.#watcher ??= this.#start();
      // What was missed meanwhile is reported later: we may be in the middle of a request.
      if (this.#seen === undefined) this.#seen = revision ?? 0;
      else this.#lookSoon(1, 0);
    } catch {
      // See the class.
    }
  }

  detach(): void {
    this.#cancelLook();
    this.#looksLeft = 0;
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** The directory, not the file: SQLite deletes and creates the log that it writes to. */
  #start(): FSWatcher {
    const path = this.#file.realPath;
    const names = [basename(path), `${basename(path)}-wal`];
    const watcher = builtin.fs.watch(dirname(path), { persistent: false }, (_event, name) => {
      const ours = name === null || names.includes(name);
      if (ours && this.#watcher === watcher) this.#onWritten();
    });
    watcher.on("error", () => {
      if (this.#watcher === watcher) this.detach();
    });
    return watcher;
  }

  /**
   * The log is written a moment before the change can be read, so a look is followed by others; and
   * writes come in bursts, so those between two looks wait for the second.
   */
  #onWritten(): void {
    const soon = this.#looksLeft > 1;
    this.#looksLeft = LOOKS;
    if (!soon) this.#look();
  }

  #look(): void {
    this.#cancelLook();
    const looks = this.#looksLeft - 1;
    this.#lookSoon(looks, looks > 1 ? GATHER : LATE);
    try {
      for (const { key, hint } of this.#news()) this.#notify(key, hint);
    } catch {
      // See the class.
    }
  }

  #lookSoon(looks: number, delay: number): void {
    this.#looksLeft = looks;
    if (looks > 0) this.#cancelLook = this.#clock.after(delay, () => this.#look());
  }

  #news(): readonly News[] {
    const seen = this.#seen ?? 0;
    const news = this.#file.read((elections): News[] => {
      const revision = elections.lastRevision();
      this.#seen = revision;
      if (revision === seen) return [];
      // Revisions only grow, so this is another file.
      if (revision < seen) return [{ key: undefined, hint: "released" }];
      return elections
        .changedSince(seen)
        .map(({ key, nonce }) => ({ key, hint: nonce === "" ? "released" : "changed" }));
    });
    return news ?? [];
  }

  #notify(key: string | undefined, hint: Hint): void {
    for (const listener of [...this.#listeners]) {
      const meant = key === undefined || key === listener.key;
      if (meant && this.#listeners.has(listener)) listener.onHint(hint);
    }
  }
}
