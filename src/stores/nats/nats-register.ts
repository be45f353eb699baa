import type { Check } from "../diagnosis.ts";
import { encodeRecord } from "../observed/record-text.ts";
import type {
  CellListener,
  ObservedRecord,
  Register,
  Wait,
  Written,
} from "../observed/register.ts";
import { keyOfName, nameOfKey } from "../registers/key-name.ts";
import { RegisterWatches } from "../registers/register-watches.ts";
import type { NatsBucket } from "./nats-bucket.ts";
import { cellOf, isRemoval, type NatsCell, versioned } from "./nats-cell.ts";
import type { NatsConnection } from "./nats-connection.ts";
import { natsChecks } from "./nats-diagnosis.ts";
import { numbers } from "./nats-errors.ts";
import { followRecord } from "./nats-watch.ts";

/** The records of a key-value bucket, which NATS replaces if their revision is still the same. */
export class NatsRegister implements Register<NatsCell> {
  readonly #connection: NatsConnection;
  readonly #watches = new RegisterWatches<NatsCell>();

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  read(key: string, wait: Wait): Promise<NatsCell> {
    return this.#connection.ask(async (bucket) => {
      const question = { last_by_subj: bucket.subject(nameOfKey(key)) };
      const { error, message } = await bucket.ask("STREAM.MSG.GET", question, wait);
      if (error !== undefined && error.err_code !== numbers.noMessage) throw bucket.refusal(error);
      if (error !== undefined) await bucket.confirm(wait);
      const { seq = 0, data = "", hdrs = "" } = message ?? {};
      const text =
        seq === 0 || isRemoval(operationIn(fromBase64(hdrs))) ? undefined : fromBase64(data);
      return cellOf(bucket, key, seq, text);
    }, wait);
  }

  compareAndSet(
    key: string,
    seen: NatsCell,
    record: ObservedRecord,
    wait: Wait,
  ): Promise<Written<NatsCell>> {
    return this.#connection.ask(async (bucket): Promise<Written<NatsCell>> => {
      if (bucket.created !== seen.created) return { written: false, cell: undefined };
      const text = encodeRecord(record);
      const { error, seq = 0 } = await bucket.write(nameOfKey(key), text, seen.revision, wait);
      if (error === undefined) return { written: true, cell: versioned(bucket, seq, record) };
      if (!numbers.otherRevision.includes(error.err_code)) throw bucket.refusal(error);
      this.#watches.doubt(key, seen.version);
      return { written: false, cell: undefined };
    }, wait);
  }

  watch(key: string, listener: CellListener<NatsCell>): () => void {
    return this.#watches.begin(key, listener, (attempt) =>
      this.#connection.ask((bucket) => followRecord(bucket, key, attempt), attempt),
    );
  }

  async keys(wait: Wait): Promise<string[]> {
    const keys = await this.#connection.ask((bucket) => keysOf(bucket, wait), wait);
    return keys.filter((key) => key !== undefined);
  }

  checks(): readonly Check[] {
    return natsChecks(this.#connection);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** Of each record that the bucket has: its key, if it is that of an election. */
async function keysOf(bucket: NatsBucket, wait: Wait): Promise<(string | undefined)[]> {
  const names: string[] = [];
  for (let total = 1; names.length < total; ) {
    const question = { subjects_filter: bucket.subject(">"), offset: names.length };
    const reply = await bucket.ask("STREAM.INFO", question, wait);
    if (reply.error !== undefined) throw bucket.refusal(reply.error);
    const page = Object.keys(reply.state?.subjects ?? {});
    if (page.length === 0) break;
    names.push(...page);
    total = reply.total ?? 0;
  }
  return names.map((subject) => keyOfName(subject.slice(bucket.subject("").length)));
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString();
}

function operationIn(headers: string): string {
  return /^KV-Operation: *(\w+)/im.exec(headers)?.[1] ?? "";
}
