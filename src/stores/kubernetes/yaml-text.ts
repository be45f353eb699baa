/** What a kubeconfig is made of. A scalar is a text; what is not set is nothing. */
export type Yaml = string | undefined | readonly Yaml[] | { readonly [name: string]: Yaml };

interface Line {
  readonly indent: number;
  readonly text: string;
}

/**
 * Reads YAML as programs write it into a kubeconfig: blocks of mappings and lists, plain and quoted scalars, texts of
 * several lines, and JSON. Throws a `SyntaxError` for the rest, such as anchors, instead of guessing.
 */
export function parseYaml(text: string): Yaml {
  if (/^\s*\{/.test(text)) return fromJson(JSON.parse(text));
  const reader = new Reader(text);
  const value = reader.block(0);
  reader.expectEnd();
  return value;
}

class Reader {
  readonly #lines: readonly Line[];
  #next = 0;

  constructor(text: string) {
    this.#lines = text
      .split(/\r?\n/)
      .map((line) => ({ indent: line.search(/\S|$/), text: line.trim() }))
      .filter(({ text, indent }) => !(indent === 0 && /^(---|\.\.\.)/.test(text)));
  }

  /** The mapping, list or scalar that begins here, if its lines are indented by at least `least`. */
  block(least: number): Yaml {
    const line = this.#peek();
    if (line === undefined || line.indent < least) return undefined;
    return isItem(line) ? this.#list(line.indent) : this.#mapping(line.indent);
  }

  expectEnd(): void {
    const line = this.#peek();
    if (line !== undefined) throw unreadable(line.text);
  }

  #list(indent: number): Yaml[] {
    const items: Yaml[] = [];
    for (let line = this.#peek(); line?.indent === indent && isItem(line); line = this.#peek()) {
      const text = line.text.slice(1).trimStart();
      const inner = indent + line.text.length - text.length;
      // A mapping may begin behind the dash: its other names stand below the first.
      if (keyOf(text) !== undefined) items.push(this.#mapping(inner, text));
      else items.push(this.#value(text, indent));
    }
    return items;
  }

  #mapping(indent: number, behindDash?: string): Yaml {
    const fields: Record<string, Yaml> = {};
    let first = behindDash;
    for (let line = this.#peek(); line !== undefined; line = this.#peek()) {
      const text = first ?? line.text;
      if (first === undefined && (line.indent !== indent || isItem(line))) break;
      const found = keyOf(text);
      if (found === undefined) throw unreadable(text);
      first = undefined;
      fields[found.key] = this.#value(found.rest, indent);
    }
    return fields;
  }

  /** What stands behind a colon or a dash of the line at hand, and below it. */
  #value(text: string, indent: number): Yaml {
    this.#next += 1;
    if (text === "" || text.startsWith("#")) return this.#below(indent);
    if (/^[|>][-+]?$/.test(text)) return this.#folded(indent, text.startsWith("|") ? "\n" : " ");
    if (/^[&*!%@`]/.test(text)) throw unreadable(text);
    const isWhole = /^["'[{]/.test(text) && isClosed(text);
    if (isWhole) return scalar(text);
    const more = this.#folded(indent, " ");
    if (/:(\s|$)/.test(more)) throw unreadable(more);
    return scalar(`${text} ${more}`.trim());
  }

  /** A list may stand at the indentation of its name. */
  #below(indent: number): Yaml {
    const line = this.#peek();
    return this.block(line !== undefined && isItem(line) ? indent : indent + 1);
  }

  /** The lines below that are indented further, as one text. */
  #folded(indent: number, between: string): string {
    const found: string[] = [];
    for (let line = this.#lines[this.#next]; line !== undefined; line = this.#lines[this.#next]) {
      if (line.text !== "" && line.indent <= indent) break;
      found.push(line.text);
      this.#next += 1;
    }
    return found.join(between).trim();
  }

  /** The next line that is neither empty nor a comment. */
  #peek(): Line | undefined {
    while (/^(#|$)/.test(this.#lines[this.#next]?.text ?? "end")) this.#next += 1;
    return this.#lines[this.#next];
  }
}

function isItem({ text }: Line): boolean {
  return text === "-" || text.startsWith("- ");
}

function keyOf(text: string): { readonly key: string; readonly rest: string } | undefined {
  const [, quoted, plain, rest = ""] =
    /^(?:("[^"]*"|'[^']*')|([^\s"'[{&*!#][^#]*?)):(?:\s+(.*))?$/.exec(text) ?? [];
  const key = quoted?.slice(1, -1) ?? plain;
  return key === undefined ? undefined : { key, rest };
}

function isClosed(text: string): boolean {
  const [first = ""] = text;
  const last = { '"': '"', "'": "'", "[": "]", "{": "}" }[first] ?? "";
  return text.length > 1 && withoutComment(text).endsWith(last);
}

function scalar(text: string): Yaml {
  const value = withoutComment(text);
  if (/^'.*'$/.test(value)) return value.slice(1, -1).replaceAll("''", "'");
  if (/^["[{]/.test(value)) return fromJson(JSON.parse(value));
  return /^(~|null|Null|NULL)$/.test(value) ? undefined : value;
}

function withoutComment(text: string): string {
  return /^["']/.test(text) ? text.replace(/(["'])\s+#[^"']*$/, "$1") : text.replace(/\s+#.*$/, "");
}

function fromJson(value: unknown): Yaml {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== "object") return String(value);
  const fields = Object.entries(value);
  return Object.fromEntries(fields.map(([name, field]) => [name, fromJson(field)]));
}

/** The text is not in the message: it may be a password. */
function unreadable(text: string): SyntaxError {
  return new SyntaxError(`${text.length} characters that are not understood`);
}
