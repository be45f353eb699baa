import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** How the leader before has left: by itself, by SIGKILL, or because it lost its lease. */
export type Leaving = "handed over" | "killed" | "lost";

/** What has been seen, in this run and in those before it that have written the same file. */
export class Tally {
  readonly counts: Record<string, number> = {};
  terms = 0;
  overlaps: string[] = [];
  readonly #file: string;

  /** Goes on from what the file says, if there is one. Without a name, nothing is kept. */
  constructor(file: string) {
    this.#file = file;
    if (file === "" || !existsSync(file)) return;
    // It is what `keep` has written.
    const before = JSON.parse(readFileSync(file, "utf8")) as Pick<
      Tally,
      "counts" | "terms" | "overlaps"
    >;
    Object.assign(this, before);
  }

  count(leaving: Leaving, from: string, to: string): void {
    const what = `${leaving}, ${from} -> ${to}`;
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** How often a candidate of one kind followed one of the other, which left in this way. */
  crossings(leaving: Leaving): number {
    return ["ours -> go", "go -> ours"].reduce(
      (sum, direction) => sum + (this.counts[`${leaving}, ${direction}`] ?? 0),
      0,
    );
  }

  keep(): void {
    if (this.#file !== "") writeFileSync(this.#file, JSON.stringify(this));
  }
}
