import type { Find } from "./hunt.ts";

/** The table, for machines. */
export interface Summary {
  readonly mutants: readonly Row[];
  readonly caught: number;
  readonly of: number;
}

interface Row {
  readonly mutant: string;
  readonly caught: boolean;
  /** What it was seen to break; of a survivor, what else it broke. */
  readonly invariants: readonly string[];
  /** `seed 17`, the name of a trace, or why it was not caught. */
  readonly by: string;
  readonly ms: number;
}

export function summaryOf(finds: readonly Find[]): Summary {
  const rows = finds.map(rowOf);
  return { mutants: rows, caught: rows.filter(({ caught }) => caught).length, of: rows.length };
}

function rowOf({ mutant, violation, seed, runs, took, others, failure }: Find): Row {
  const caught = violation !== undefined;
  const by = caught ? (mutant.trace ?? `seed ${seed}`) : (failure ?? `nothing in ${runs} runs`);
  return {
    mutant: mutant.name,
    caught,
    invariants: caught ? [violation.invariant] : others,
    by,
    ms: Math.round(took),
  };
}

/** The table, for people. Its last line is what counts. */
export function tableOf({ mutants, caught, of }: Summary): string {
  const widest = Math.max(...mutants.map(({ mutant }) => mutant.length));
  const lines = mutants.map((row) =>
    [
      row.caught ? "caught  " : "SURVIVED",
      row.mutant.padEnd(widest),
      row.invariants.join(" ").padEnd(4),
      `${row.ms} ms`.padStart(9),
      row.by,
    ].join("  "),
  );
  return [...lines, `mutants caught: ${caught} of ${of}`].join("\n");
}
