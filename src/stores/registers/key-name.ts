const PLAIN = /[A-Za-z0-9_-]/;

/**
 * A key as a name that every store accepts: letters, digits, `-` and `_` as they are, and each other byte of its UTF-8
 * as `=` and two hexadecimal digits, so that people can still read it.
 */
export function nameOfKey(key: string): string {
  return Array.from(Buffer.from(key), (byte) => {
    const character = String.fromCharCode(byte);
    return PLAIN.test(character) ? character : `=${hex(byte)}`;
  }).join("");
}

/** The key that has this name; nothing if the name is that of no key. */
export function keyOfName(name: string): string | undefined {
  const bytes = name.replace(/=([0-9A-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  const key = Buffer.from(bytes, "latin1").toString();
  return nameOfKey(key) === name ? key : undefined;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
