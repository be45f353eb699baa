/** What is measured together. */
export interface Part {
  readonly name: string;
  /** Below src/. */
  readonly folders: readonly string[];
  readonly tests: string[];
  readonly without: string[];
}

export function partOf(name: string): Part;
export function fileNameOf(part: Part): string;
