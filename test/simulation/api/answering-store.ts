import { StoreError } from "../../../src/errors.ts";
import type {
  AcquireReply,
  Hint,
  LeaseRecord,
  LeaseStore,
  ReleaseReply,
  RenewReply,
  StoreTraits,
} from "../../../src/stores/lease-store.ts";
import type { ManualClock } from "../../support/manual-clock.ts";
import type { Answer } from "./moves.ts";

/** A store that answers as a sequence says, whatever was asked before. */
export class AnsweringStore implements LeaseStore {
  readonly traits: StoreTraits = { name: "answering", exclusion: "strict", tokens: "clock" };
  readonly watchers = new Set<(hint: Hint) => void>();
  /** How many requests came that could change something. */
  writes = 0;
  readonly #clock: ManualClock;
  readonly #answers: readonly Answer[];
  #asked = 0;
  #token = 0;

  constructor(clock: ManualClock, answers: readonly Answer[]) {
    this.#clock = clock;
    this.#answers = answers;
  }

  acquire(): Promise<AcquireReply> {
    this.writes += 1;
    return this.#answer<AcquireReply>((does) => {
      if (does !== "agrees") {
        const reason = does === "is late" ? "late" : "held";
        return { granted: false, reason, leader: undefined, retryIn: 200 };
      }
      this.#token += 1;
      return { granted: true, token: this.#token, since: 1000 };
    });
  }

  renew(): Promise<RenewReply> {
    this.writes += 1;
    return this.#answer<RenewReply>((does) => {
      if (does === "agrees") return { renewed: true };
      return { renewed: false, reason: does === "is late" ? "late" : "superseded" };
    });
  }

  release(): Promise<ReleaseReply> {
    this.writes += 1;
    return this.#answer((does) => ({ released: does === "agrees" }));
  }

  read(): Promise<LeaseRecord | undefined> {
    return this.#answer((does) =>
      does === "agrees"
        ? { nodeId: "x", token: this.#token, since: 1000, expiresIn: 500, metadata: undefined }
        : undefined,
    );
  }

  watch(_key: string, onHint: (hint: Hint) => void): () => void {
    const own = (hint: Hint) => onHint(hint);
    this.watchers.add(own);
    return () => {
      this.watchers.delete(own);
    };
  }

  async close(): Promise<void> {}

  #answer<Reply>(reply: (does: Answer["does"]) => Reply): Promise<Reply> {
    const answer = this.#answers[this.#asked % this.#answers.length];
    this.#asked += 1;
    if (answer === undefined) throw new Error("a sequence has at least one answer");
    const { does, after } = answer;
    if (does === "throws") throw new Error("thrown by the store");
    return new Promise((resolve, reject) => {
      if (does === "hangs") return;
      this.#clock.timer(this.#clock.now() + after, () => {
        if (does === "fails") reject(failure("no"));
        else if (does === "perhaps fails") reject(failure("maybe"));
        else resolve(reply(does));
      });
    });
  }
}

function failure(applied: "no" | "maybe"): StoreError {
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", "It was said to fail.", { applied });
}
