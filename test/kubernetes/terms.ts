/** For how long a candidate believed that it leads, by the clock of the machine, in ms. */
export interface Belief {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** What candidates have printed: `MS ID started`, `MS ID stopped`. A candidate that is killed believes no longer. */
export class Beliefs {
  readonly ended: Belief[] = [];
  readonly #open = new Map<string, number>();

  get leaders(): string[] {
    return [...this.#open.keys()];
  }

  hear(line: string): void {
    const [at = "", id = "", what = ""] = line.split(" ");
    if (what === "started") this.#open.set(id, Number(at));
    if (what === "stopped") this.end(id, Number(at));
  }

  end(id: string, to: number): void {
    const from = this.#open.get(id);
    if (from === undefined) return;
    this.#open.delete(id);
    this.ended.push({ id, from, to });
  }

  /** Pairs of which one began before the other had ended. */
  overlaps(): string[] {
    const inOrder = [...this.ended].sort((one, other) => one.from - other.from);
    return inOrder.flatMap((belief, index) => {
      const before = inOrder.slice(0, index).find(({ to }) => to > belief.from);
      return before === undefined ? [] : [`${JSON.stringify(before)} ${JSON.stringify(belief)}`];
    });
  }
}
