import { Elector } from "../elector/elector.ts";
import type { ElectorOptions } from "../elector/options.ts";
import { invalid } from "../input.ts";
import { ManualClock } from "./manual-clock.ts";
import type { StoreLink } from "./store-link.ts";
import { TestStore } from "./test-store.ts";

/**
 * Elections in which the test decides who leads and what time it is. The electors are real; only their
 * store and their clock are not. Nobody is elected until `grant()`: until then, and after every loss,
 * somebody else leads.
 *
 * Each verb is about the first elector unless it is given another one, and has settled whatever follows
 * from it when it resolves. Misused, each throws an `IncumbentError` with the code
 * `INCUMBENT_INVALID_OPTION` that names the rule.
 */
export class TestElection implements AsyncDisposable {
  /** The time of all electors. It stands still but for these verbs. */
  readonly clock = new ManualClock();
  /** The first elector. Give it to the code under test, which starts it. */
  readonly elector: Elector;
  readonly #store = new TestStore(this.clock);
  readonly #links = new Map<Elector, StoreLink>();
  /** How long an elector may take to do whatever it does, in ms. */
  #longest = 0;
  #nonces = 0;

  /** Made by `createTestElection`. */
  constructor(key: string, options: ElectorOptions) {
    this.elector = this.electorFor(key, options);
  }

  /**
   * One more elector: a candidate for the same key or for another one.
   * @param options As of any elector; the `nodeId` is `elector-1`, `elector-2`, … if it is left out.
   */
  electorFor(key: string, options: ElectorOptions = {}): Elector {
    const link = this.#store.link();
    const nodeId = `elector-${this.#links.size + 1}`;
    const nonce = () => {
      this.#nonces += 1;
      return `nonce-${this.#nonces}`;
    };
    const environment = { clock: this.clock, jitter: () => 1, nonce };
    const elector = new Elector(link, key, { nodeId, ...options }, environment);
    this.#links.set(elector, link);
    const { ttl = 10_000, drainTimeout = 30_000 } = options;
    this.#longest = Math.max(this.#longest, 2 * ttl + drainTimeout);
    return elector;
  }

  /**
   * The elector is elected. It must have been started, and nobody else of this test may lead its key.
   * No time passes, unless it has just resigned and lets others go first for one `renewalInterval`.
   */
  async grant(elector: Elector = this.elector): Promise<void> {
    const link = this.#linkOf("grant()", elector);
    await this.clock.advance(0);
    demand(
      link.isInUse,
      "grant()",
      "needs an elector that was started",
      elector,
      "elector.start()",
    );
    demand(!link.isCut, "grant()", "needs a store in reach", elector, "heal()");
    const leader = [...this.#links.keys()].find((each) => each.key === elector.key && each.term);
    const rule = "needs a key that no elector of this test leads";
    demand(leader === undefined, "grant()", rule, leader ?? elector, "steal() or resign()");
    this.#store.choose(elector.key, link);
    link.tell(elector.key, "released");
    const campaigned = await this.#passUntil(() => !this.#store.isChosen(elector.key, link));
    this.#store.forget(elector.key);
    const busy = "needs an elector that campaigns; the work of its last term has not settled";
    demand(campaigned, "grant()", busy, elector, "let the work end when term.signal is aborted");
  }

  /**
   * Somebody else takes the lease. The elector learns it from its next renewal, so up to one
   * `renewalInterval` passes. The reason of the loss is `superseded`.
   */
  async steal(elector: Elector = this.elector): Promise<void> {
    const link = this.#linkOf("steal()", elector);
    this.#demandLeader("steal()", elector);
    demand(!link.isCut, "steal()", "needs a store in reach", elector, "heal()");
    this.#store.steal(elector.key);
    await this.#passUntil(() => !elector.isLeader());
  }

  /**
   * The process stands still until the lease has ended: a debugger, a blocked event loop, a machine
   * asleep. What is left of the lease passes, at most one `ttl`, and it does for all electors. The reason of the loss is `expired`.
   */
  async expire(elector: Elector = this.elector): Promise<void> {
    this.#linkOf("expire()", elector);
    this.#demandLeader("expire()", elector);
    this.clock.block(this.#store.remaining(elector.key));
    await this.clock.advance(0);
  }

  /**
   * The store is out of reach of the elector: no request is answered. A leader leads on until its lease
   * may no longer be trusted, and then loses it as `store-lost`: `advance(ttl)`.
   */
  async partition(elector: Elector = this.elector): Promise<void> {
    this.#linkOf("partition()", elector).isCut = true;
    await this.clock.advance(0);
  }

  /** The store is in reach again. What was asked meanwhile is lost, and is asked again in time. */
  async heal(elector: Elector = this.elector): Promise<void> {
    this.#linkOf("heal()", elector).isCut = false;
    await this.clock.advance(0);
  }

  /** Lets `ms` pass, with all renewals and timers of electors that are due. */
  async advance(ms: number): Promise<void> {
    const isAmount = typeof ms === "number" && ms >= 0 && Number.isFinite(ms);
    if (!isAmount) {
      const rule = "must be given a number of ms, 0 or more";
      throw invalid({ name: "advance()", rule, value: ms, example: "advance(10_000)" });
    }
    await this.clock.advance(ms);
  }

  /** Stops every elector, and lets as much time pass as they need. */
  async close(): Promise<void> {
    let over = false;
    const stopped = Promise.all([...this.#links.keys()].map((elector) => elector.stop()));
    const ended = stopped.finally(() => {
      over = true;
    });
    await this.#passUntil(() => over);
    await ended;
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Goes from timer to timer until it is done; says whether it ever was. */
  async #passUntil(isDone: () => boolean): Promise<boolean> {
    const giveUpAt = this.clock.now() + this.#longest;
    for (;;) {
      await this.clock.advance(0);
      if (isDone()) return true;
      const { untilNext } = this.clock;
      if (untilNext === undefined || this.clock.now() + untilNext > giveUpAt) return false;
      await this.clock.advance(untilNext);
    }
  }

  #linkOf(verb: string, elector: Elector): StoreLink {
    const link = this.#links.get(elector);
    if (link !== undefined) return link;
    const rule = "must be given an elector of this test";
    throw invalid({
      name: verb,
      rule,
      value: elector,
      example: "the elector that electorFor() returned",
    });
  }

  #demandLeader(verb: string, elector: Elector): void {
    demand(elector.isLeader(), verb, "needs an elector that leads", elector, "grant() before it");
  }
}

function demand(
  holds: boolean,
  verb: string,
  rule: string,
  { nodeId }: Elector,
  example: string,
): asserts holds {
  if (!holds) throw invalid({ name: verb, rule, value: nodeId, example });
}

/**
 * An election for a test of code that uses an elector: no server, no waiting, the same every time.
 *
 * @param key Of the first elector.
 * @param options Of the first elector, as of any other.
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`.
 * @example
 * const office = createTestElection();
 * const scheduler = startScheduler(office.elector);
 * await office.grant();
 * await office.steal();
 * assert.equal(scheduler.isRunning, false);
 */
export function createTestElection(key = "test", options: ElectorOptions = {}): TestElection {
  return new TestElection(key, options);
}
