/**
 * A text as it stands in a statement: in hexadecimal digits, so no quote and no escape can end it, whatever the SQL
 * mode or the character set of the connection is.
 */
export function textLiteral(text: string): string {
  return `_utf8mb4 X'${Buffer.from(text, "utf8").toString("hex")}'`;
}

/** A whole number as it stands in a statement. */
export function numberLiteral(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  throw new TypeError(`not a whole number: ${value}`);
}

/** The text of a column that was selected by `HEX`. */
export function textOfHex(hex: string | null | undefined): string {
  return Buffer.from(hex ?? "", "hex").toString("utf8");
}

/** A name in quotes. It was checked to have none. */
export function nameLiteral(name: string): string {
  return `\`${name}\``;
}
