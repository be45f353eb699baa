import type { Check } from "../diagnosis.ts";
import { decodeRecord, encodeRecord } from "../observed/record-text.ts";
import type {
  CellListener,
  ObservedRecord,
  Register,
  Wait,
  Written,
} from "../observed/register.ts";
import { RegisterWatches } from "../registers/register-watches.ts";
import { type KeyValue, readAnswer } from "./etcd-answer.ts";
import type { EtcdCell } from "./etcd-cell.ts";
import { etcdChecks } from "./etcd-diagnosis.ts";
import { EtcdMembers } from "./etcd-members.ts";
import type { EtcdSettings } from "./etcd-settings.ts";
import { followKey } from "./etcd-watch.ts";

/** Records in etcd, each the value of one key, without a lease of etcd's own. */
export class EtcdRegister implements Register<EtcdCell> {
  readonly #members: EtcdMembers;
  readonly #prefix: string;
  readonly #watches = new RegisterWatches<EtcdCell>();

  constructor(settings: EtcdSettings) {
    this.#members = new EtcdMembers(settings);
    this.#prefix = settings.prefix;
  }

  async read(key: string, wait: Wait): Promise<EtcdCell> {
    const answer = await this.#members.call("kv/range", { key: this.#keyOf(key) }, wait);
    return this.#cellOf(key, readAnswer(answer).kvs[0]);
  }

  /**
   * The revision alone is not enough: a cluster that was restored from a snapshot counts on from there, and gives
   * revisions a second time.
   */
  async compareAndSet(
    key: string,
    { version, value }: EtcdCell,
    record: ObservedRecord,
    wait: Wait,
  ): Promise<Written<EtcdCell>> {
    const at = this.#keyOf(key);
    const text = toBase64(encodeRecord(record));
    const same = { result: "EQUAL", key: at };
    const compare = [
      { ...same, target: "MOD", mod_revision: version },
      ...(value === undefined ? [] : [{ ...same, target: "VALUE", value }]),
    ];
    const success = [{ request_put: { key: at, value: text } }];
    const failure = [{ request_range: { key: at } }];
    const answer = readAnswer(
      await this.#members.call("kv/txn", { compare, success, failure }, wait),
    );
    if (answer.succeeded) {
      return { written: true, cell: { version: answer.revision, record, value: text } };
    }
    this.#watches.doubt(key, version);
    return { written: false, cell: this.#cellOf(key, answer.kvs[0]) };
  }

  watch(key: string, listener: CellListener<EtcdCell>): () => void {
    const cellOf = (pair: KeyValue | undefined) => this.#cellOf(key, pair);
    return this.#watches.begin(key, listener, (attempt) =>
      followKey(this.#members, this.#keyOf(key), cellOf, attempt),
    );
  }

  async keys(wait: Wait): Promise<string[]> {
    const range = { key: toBase64(this.#prefix), range_end: endOf(this.#prefix), keys_only: true };
    const { kvs } = readAnswer(await this.#members.call("kv/range", range, wait));
    return kvs.map(({ key }) => fromBase64(key).slice(this.#prefix.length));
  }

  checks(): readonly Check[] {
    return etcdChecks(this.#members, this.#keyOf("incumbent-doctor"));
  }

  async close(): Promise<void> {
    this.#members.close();
  }

  #keyOf(key: string): string {
    return toBase64(this.#prefix + key);
  }

  #cellOf(key: string, pair: KeyValue | undefined): EtcdCell {
    if (pair === undefined) return { version: "0", record: undefined, value: undefined };
    const { value, revision } = pair;
    const where = `The key ${JSON.stringify(this.#prefix + key)} of etcd`;
    return { version: revision, record: decodeRecord(fromBase64(value), where), value };
  }
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString();
}

/** The first key behind all that begin with the prefix, which is not empty and has no byte 255: it is UTF-8. */
function endOf(prefix: string): string {
  const bytes = Buffer.from(prefix);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + 1;
  return bytes.toString("base64");
}
