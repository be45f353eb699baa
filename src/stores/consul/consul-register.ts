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
import type { WatchAttempt } from "../registers/persistent-watch.ts";
import { RegisterWatches } from "../registers/register-watches.ts";
import { type ConsulAgent, type ConsulReply, contentOf } from "./consul-agent.ts";
import { type ConsulCell, type ConsulEntry, cellOf, versionOf } from "./consul-cell.ts";
import { consulChecks } from "./consul-diagnosis.ts";
import { refusedWith, strange } from "./consul-errors.ts";

/** How long Consul waits for a change, and how long it may be silent, in ms. */
const LONGEST_WAIT = 5000;
const SILENCE = 8000;

/** The records below a prefix of Consul's key-value store, without sessions. */
export class ConsulRegister implements Register<ConsulCell> {
  readonly #agent: ConsulAgent;
  readonly #prefix: string;
  readonly #watches = new RegisterWatches<ConsulCell>();

  constructor(agent: ConsulAgent, prefix: string) {
    this.#agent = agent;
    this.#prefix = prefix;
  }

  async read(key: string, wait: Wait): Promise<ConsulCell> {
    const reply = await this.#agent.ask("GET", this.#path(key), wait);
    return cellIn(reply, key);
  }

  /** A transaction of one step: unlike a plain write, it answers with the index that it has made. */
  async compareAndSet(
    key: string,
    seen: ConsulCell,
    record: ObservedRecord,
    wait: Wait,
  ): Promise<Written<ConsulCell>> {
    const Value = Buffer.from(encodeRecord(record)).toString("base64");
    const step = { Verb: "cas", Key: this.#name(key), Value, Index: seen.index };
    const { status, text } = await this.#agent.ask("PUT", "txn", wait, [{ KV: step }]);
    if (status === 409 && /index is stale|already exists/i.test(text)) {
      this.#watches.doubt(key, seen.version);
      return { written: false, cell: undefined };
    }
    if (status !== 200) throw refusedWith(status, text);
    const entry = (contentOf(text) as TransactionReply).Results?.[0]?.KV; // As its documentation has it.
    if (entry === undefined) throw strange();
    return { written: true, cell: { ...versionOf(entry), record } };
  }

  watch(key: string, listener: CellListener<ConsulCell>): () => void {
    return this.#watches.begin(key, listener, (attempt) => this.#follow(key, attempt));
  }

  async keys(wait: Wait): Promise<string[]> {
    const reply = await this.#agent.ask("GET", `kv/${this.#prefix}?keys`, wait);
    if (reply.status === 404) return [];
    if (reply.status !== 200) throw refusedWith(reply.status, reply.text);
    const names = contentOf(reply.text) as string[]; // As its documentation has it.
    const keys = names.map((name) => keyOfName(name.slice(this.#prefix.length)));
    return keys.filter((key) => key !== undefined);
  }

  checks(): readonly Check[] {
    return consulChecks(this.#agent, this.#name("incumbent-doctor"));
  }

  async close(): Promise<void> {
    this.#agent.close();
  }

  /** Each answer comes with an index, and the next question waits until there is another one. */
  async #follow(key: string, attempt: WatchAttempt<ConsulCell>): Promise<void> {
    for (let index = 0; !attempt.signal.aborted; ) {
      attempt.expectSign(SILENCE);
      const question = `${this.#path(key)}?index=${index}&wait=${LONGEST_WAIT}ms`;
      const reply = await this.#agent.ask("GET", question, attempt);
      // One that is set back begins to count anew, and changes may have been missed.
      if (reply.index < index) return attempt.fail();
      attempt.report(cellIn(reply, key));
      index = Math.max(1, reply.index);
    }
  }

  #path(key: string): string {
    return `kv/${this.#name(key)}`;
  }

  #name(key: string): string {
    return `${this.#prefix}${nameOfKey(key)}`;
  }
}

interface TransactionReply {
  readonly Results?: readonly { readonly KV?: ConsulEntry }[] | null;
}

function cellIn({ status, text }: ConsulReply, key: string): ConsulCell {
  // Another server than Consul's may say so as well.
  if (status === 404 && text === "") return cellOf(undefined, key);
  if (status === 404) throw strange();
  if (status !== 200) throw refusedWith(status, text);
  return cellOf((contentOf(text) as ConsulEntry[])[0], key); // As its documentation has it.
}
