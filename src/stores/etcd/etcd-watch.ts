import type { Timer } from "../connections/timer.ts";
import type { CellListener } from "../observed/register.ts";
import { type KeyValue, readAnswer, readWatchMessage } from "./etcd-answer.ts";
import type { EtcdCell } from "./etcd-cell.ts";
import type { EtcdMembers } from "./etcd-members.ts";

/** From a broken stream to the next attempt, in ms. Doubles up to the second while attempts fail. */
const [SHORTEST_PAUSE, LONGEST_PAUSE] = [50, 2000];

/** What is watched, and how. */
export interface Watched {
  readonly members: EtcdMembers;
  readonly timer: Timer;
  /** In base64. */
  readonly key: string;
}

/**
 * The changes of one key: a look, and then a stream that begins with the revision behind it. When the stream ends,
 * it all begins again.
 */
export class EtcdWatch {
  readonly #watched: Watched;
  readonly #cellOf: (pair: KeyValue | undefined) => EtcdCell;
  readonly #listener: CellListener<EtcdCell>;
  readonly #over = new AbortController();
  #pause = SHORTEST_PAUSE;
  /** Whether the stream reports changes at the moment. */
  #isLive = false;
  #cancel: () => void = () => {};

  constructor(
    watched: Watched,
    cellOf: (pair: KeyValue | undefined) => EtcdCell,
    listener: CellListener<EtcdCell>,
  ) {
    this.#watched = watched;
    this.#cellOf = cellOf;
    this.#listener = listener;
  }

  begin(): void {
    this.#follow().catch(() => this.#again());
  }

  end(): void {
    this.#over.abort();
    this.#cancel();
  }

  async #follow(): Promise<void> {
    const { members, key } = this.#watched;
    const { signal } = this.#over;
    const { kvs, revision } = readAnswer(await this.#look());
    const cell = this.#cellOf(kvs[0]);
    const create = { key, start_revision: String(BigInt(revision) + 1n) };
    const end = await members.stream("watch", { create_request: create }, signal, {
      onLine: (line) => this.#hear(line, cell),
      onEnd: () => this.#again(),
    });
    this.#cancel = end;
    if (signal.aborted) end();
  }

  /** A member may keep silent, and nothing else would end the wait for it. */
  async #look(): Promise<unknown> {
    const { members, timer, key } = this.#watched;
    const looking = new AbortController();
    this.#cancel = () => looking.abort();
    const cancel = timer(LONGEST_PAUSE, () => looking.abort());
    try {
      return await members.call("kv/range", { key }, looking.signal);
    } finally {
      cancel();
    }
  }

  /** The first message says that the watch stands; from then on none is missed. */
  #hear(line: string, cell: EtcdCell): void {
    if (this.#over.signal.aborted) return;
    try {
      const { events, isCanceled } = readWatchMessage(line);
      if (isCanceled) {
        this.#breakOff();
        return;
      }
      if (!this.#isLive) {
        this.#isLive = true;
        this.#pause = SHORTEST_PAUSE;
        this.#listener.onCell(cell);
      }
      for (const { isDeleted, pair } of events) {
        this.#listener.onCell(this.#cellOf(isDeleted ? undefined : pair));
      }
    } catch {
      // Something else is at this key, or has answered: a request for the lease reports what.
      this.#breakOff();
    }
  }

  #breakOff(): void {
    this.#cancel();
    this.#again();
  }

  #again(): void {
    if (this.#over.signal.aborted) return;
    if (this.#isLive) {
      this.#isLive = false;
      this.#listener.onInterrupted();
    }
    this.#cancel = this.#watched.timer(this.#pause, () => this.begin());
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }
}
