/** Ends what was sent: the server commits, or rolls back if it has failed. */
export const sync: Uint8Array = message("S");

/** What a server is sent for a text of several statements, without values. They are one transaction. */
export function simpleQuery(text: string): readonly Uint8Array[] {
  return [message("Q", terminated(text))];
}

/** What a server is sent for one statement with values, under no name. With `sync`, it is a transaction of its own. */
export function extendedQuery(text: string, values: readonly string[]): readonly Uint8Array[] {
  const none = short(0);
  const bound = values.map((value) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([long(bytes.length), bytes]);
  });
  return [
    message("P", terminated(""), terminated(text), none),
    message("B", terminated(""), terminated(""), none, short(values.length), ...bound, none),
    message("E", terminated(""), long(0)),
  ];
}

function message(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), long(body.length + 4), body]);
}

function terminated(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}

function short(value: number): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function long(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
