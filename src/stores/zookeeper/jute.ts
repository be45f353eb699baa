/** Takes down a message as ZooKeeper reads it: numbers with the highest byte first, lengths before texts. */
export class JuteWriter {
  readonly #parts: Buffer[] = [];

  int(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value);
    return this.#add(part);
  }

  long(value: bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigInt64BE(value);
    return this.#add(part);
  }

  flag(value: boolean): this {
    return this.#add(Buffer.from([value ? 1 : 0]));
  }

  bytes(value: Buffer): this {
    return this.int(value.length).#add(value);
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value));
  }

  /** What another writer has taken down. */
  append(other: JuteWriter): this {
    return this.#add(...other.#parts);
  }

  /** The whole message, with its length in front. */
  frame(): Buffer {
    const length = this.#parts.reduce((sum, part) => sum + part.length, 0);
    return Buffer.concat([...new JuteWriter().int(length).#parts, ...this.#parts]);
  }

  #add(...parts: readonly Buffer[]): this {
    this.#parts.push(...parts);
    return this;
  }
}

/** Reads a message of ZooKeeper. Throws a `RangeError` where the message ends too soon. */
export class JuteReader {
  readonly #message: Buffer;
  #at = 0;

  constructor(message: Buffer) {
    this.#message = message;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#message.length;
  }

  int(): number {
    this.#at += 4;
    return this.#message.readInt32BE(this.#at - 4);
  }

  long(): bigint {
    this.#at += 8;
    return this.#message.readBigInt64BE(this.#at - 8);
  }

  flag(): boolean {
    this.#at += 1;
    return this.#message.readUInt8(this.#at - 1) !== 0;
  }

  bytes(): Buffer {
    // A node without data has the length -1.
    const length = Math.max(0, this.int());
    if (length > this.#message.length - this.#at) throw new RangeError("The message is too short");
    this.#at += length;
    return this.#message.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.bytes().toString();
  }
}

/** More than any answer to a question of ours can have, in bytes. */
const LONGEST = 64 * 1024 * 1024;

/** Cuts what comes over a connection into messages. */
export class Frames {
  #pieces: Buffer[] = [];
  #length = 0;

  /** The messages that are complete by now. Throws a `RangeError` if it cannot be ZooKeeper that speaks. */
  take(piece: Buffer): Buffer[] {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const frames: Buffer[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) frames.push(next);
    return frames;
  }

  #next(): Buffer | undefined {
    if (this.#length < 4) return undefined;
    const [first = Buffer.alloc(0)] = this.#pieces;
    const head = first.length < 4 ? this.#joined() : first;
    const length = head.readInt32BE();
    if (length < 0 || length > LONGEST) throw new RangeError("The length of a message is wrong");
    if (this.#length < 4 + length) return undefined;
    const all = this.#joined();
    const rest = all.subarray(4 + length);
    this.#pieces = [rest];
    this.#length = rest.length;
    return all.subarray(4, 4 + length);
  }

  #joined(): Buffer {
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }
}
