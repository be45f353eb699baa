import { createWriteStream, openSync, readSync } from "node:fs";
import type { Line } from "./judge.ts";

/** Everything that happens, a line each, in a file in which to find out why. */
export class Chronicle {
  readonly path: string;
  readonly #file;
  readonly #began: number;
  readonly #last: string[] = [];

  constructor(path: string, began: number) {
    this.path = path;
    this.#began = began;
    this.#file = createWriteStream(path);
  }

  note(at: number, who: string, what: string): void {
    const line = `${((at - this.#began) / 1000).toFixed(4).padStart(10)} s  ${who.padEnd(8)} ${what}`;
    this.#file.write(`${line}\n`);
    this.#last.push(line);
    if (this.#last.length > 200) this.#last.splice(0, 100);
  }

  /** The last lines, in the order in which they happened. */
  last(count: number): string {
    return this.#last.slice(-count).sort().join("\n");
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(() => resolve()));
  }
}

/** What the leaders wrote, read piece by piece while they write on. */
export class Diary {
  readonly path: string;
  readonly #file: number;
  #rest = "";

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "a+");
  }

  /** The lines since the last time. */
  *read(): Generator<Line> {
    const chunk = Buffer.alloc(64 * 1024);
    for (;;) {
      // Without a position it goes on where it was.
      const length = readSync(this.#file, chunk, 0, chunk.length, null);
      if (length === 0) return;
      const lines = (this.#rest + chunk.toString("utf8", 0, length)).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) {
        const [name = "", token, checked] = line.split(" ");
        yield { name, token: Number(token), checked: Number(checked) };
      }
    }
  }
}
