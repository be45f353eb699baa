/** What is known of one kind of fault. */
interface Row {
  rounds: number;
  violations: number;
  readonly times: number[];
}

/** The figures of a run, by kind of fault. */
export class Report {
  readonly #rows = new Map<string, Row>();

  /** A round with these faults: in how many ms there was a leader again. */
  add(names: readonly string[], time: number, violations: number): void {
    for (const name of names) {
      const row = this.#rows.get(name) ?? { rounds: 0, violations: 0, times: [] };
      this.#rows.set(name, row);
      row.rounds += 1;
      row.violations += violations;
      row.times.push(time);
    }
  }

  get rows() {
    return [...this.#rows]
      .map(([fault, { rounds, violations, times }]) => {
        const sorted = [...times].sort((a, b) => a - b);
        const median = Math.round(sorted[Math.floor(rounds / 2)] ?? 0);
        return { fault, rounds, median, max: Math.round(sorted.at(-1) ?? 0), violations };
      })
      .sort((a, b) => a.fault.localeCompare(b.fault));
  }

  get faults(): number {
    return [...this.#rows.values()].reduce((sum, { rounds }) => sum + rounds, 0);
  }

  table(): string {
    const widest = Math.max(...this.rows.map(({ fault }) => fault.length), 5);
    const line = (fault: string, ...cells: (string | number)[]) =>
      [fault.padEnd(widest), ...cells.map((cell) => String(cell).padStart(10))].join("  ");
    return [
      line("fault", "rounds", "median ms", "max ms", "violations"),
      ...this.rows.map((row) => line(row.fault, row.rounds, row.median, row.max, row.violations)),
    ].join("\n");
  }
}
