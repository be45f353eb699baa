export interface Numbered<Part> {
  readonly number: number;
  /** The number of the first part that was found with this content. */
  readonly part: Part;
}

/** Numbers parts by their relevant content, starting at 1. */
export class Numbering<Part extends object> {
  readonly #content: (part: Part) => unknown;
  readonly #share: (part: Part) => Part;
  readonly #byContent = new Map<string, Numbered<Part>>();
  readonly #byPart = new Map<Part, Numbered<Part>>();

  constructor(content: (part: Part) => unknown, share = (part: Part) => part) {
    this.#content = content;
    this.#share = share;
  }

  of(part: Part): Numbered<Part> {
    const met = this.#byPart.get(part);
    if (met !== undefined) return met;
    const content = JSON.stringify(this.#content(part));
    const known = this.#byContent.get(content);
    if (known !== undefined) return known;
    const numbered = { number: this.#byContent.size + 1, part: this.#share(part) };
    this.#byContent.set(content, numbered);
    this.#byPart.set(numbered.part, numbered);
    return numbered;
  }
}
