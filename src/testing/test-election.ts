import { Elector } from "../elector/elector.ts";
import type { ElectorOptions } from "../elector/options.ts";
import { invalid } from "../input.ts";
import { ManualClock } from "./manual-clock.ts";
import { MortalClock } from "./mortal-clock.ts";
import type { StoreLink } from "./store-link.ts";
import { TestStore } from "./test-store.ts";

/** The options of a test election: those of its first elector, and one more. */
export interface TestElectionOptions extends ElectorOptions {
  /**
   * Whether there is no leader at the beginning, and after each loss: the first elector that asks is elected, as in
   * production. Otherwise, no elector is elected before `grant()`.
   * @defaultValue false
   */
  readonly vacant?: boolean | undefined;
}

/** A process of a test election: how it reaches the store, and its time. */
interface Place {
  readonly link: StoreLink;
  readonly clock: MortalClock;
}

/**
 * An election in which the test decides who leads and what time it is. The electors are real; the store and
 * the clock are simulated. No elector is elected before `grant()`: until then, and after each loss, the
 * leader is a rival outside of the test, unless the election is `vacant`.
 *
 * Each method acts on the first elector unless it gets another one, and resolves when all callbacks and
 * events that follow from it have run. If a method is misused, it throws an `IncumbentError` with the code
 * `INCUMBENT_INVALID_OPTION` that names the broken rule.
 *
 * @example
 * await using election = createTestElection("billing:scheduler", { ttl: 5000 });
 * await election.elector.start();
 * await election.grant();
 * assert.equal(election.elector.isLeader(), true);
 * await election.expire();
 * assert.equal(election.elector.isLeader(), false);
 */
export class TestElection implements AsyncDisposable {
  /** The clock of all electors. It only advances in the methods of this class. */
  readonly clock = new ManualClock();
  /** The first elector. Pass it to the code under test, which starts it. */
  readonly elector: Elector;
  readonly #store: TestStore;
  readonly #places = new Map<Elector, Place>();
  readonly #crashed = new Set<Elector>();
  /** The longest time that an action of an elector may take, in ms. */
  #longest = 0;
  #nonces = 0;

  /** Use `createTestElection` instead. */
  constructor(key: string, { vacant = false, ...options }: TestElectionOptions) {
    this.#store = new TestStore(this.clock, vacant);
    this.elector = this.electorFor(key, options);
  }

  /**
   * Makes one more elector, a candidate for the same key or for another one.
   *
   * @param options The options of any elector. The default `nodeId` is `elector-1`, `elector-2`, …
   * @example
   * const second = election.electorFor(election.elector.key);
   * await second.start();
   * await election.grant(second);
   */
  electorFor(key: string, options: ElectorOptions = {}): Elector {
    const link = this.#store.link();
    const clock = new MortalClock(this.clock);
    const nodeId = `elector-${this.#places.size + 1}`;
    const nonce = () => {
      this.#nonces += 1;
      return `nonce-${this.#nonces}`;
    };
    const environment = { clock, jitter: () => 1, nonce };
    const elector = new Elector(link, key, { nodeId, ...options }, environment);
    this.#places.set(elector, { link, clock });
    const { ttl = 10_000, drainTimeout = 30_000 } = options;
    this.#longest = Math.max(this.#longest, 2 * ttl + drainTimeout);
    return elector;
  }

  /**
   * Elects the elector. It must have been started, and no other elector of this test may lead its key. No
   * time passes, unless the elector has just resigned and so waits for one `renewalInterval`.
   *
   * @example
   * await election.elector.start();
   * await election.grant();
   */
  async grant(elector: Elector = this.elector): Promise<void> {
    const { link } = this.#placeOf("grant()", elector);
    await this.clock.advance(0);
    demand(
      link.isInUse,
      "grant()",
      "needs an elector that has been started",
      elector,
      "elector.start()",
    );
    demand(!link.isCut, "grant()", "needs a reachable store", elector, "heal(elector)");
    const leader = [...this.#places.keys()].find((each) => each.key === elector.key && each.term);
    const rule = "needs a key that no elector of this test leads";
    demand(leader === undefined, "grant()", rule, leader ?? elector, "steal() or resign()");
    this.#store.choose(elector.key, link);
    link.deliver(elector.key, "released");
    const campaigned = await this.#passUntil(() => !this.#store.isChosen(elector.key, link));
    this.#store.forget(elector.key);
    const busy = "needs an elector that campaigns; the work of its last term has not settled";
    demand(campaigned, "grant()", busy, elector, "end the work when term.signal is aborted");
  }

  /**
   * Gives the lease to the rival. The elector learns this from its next renewal, so up to one
   * `renewalInterval` passes. The reason of the loss is `superseded`.
   *
   * @example
   * await election.grant();
   * await election.steal();
   */
  async steal(elector: Elector = this.elector): Promise<void> {
    const { link } = this.#placeOf("steal()", elector);
    this.#demandLeader("steal()", elector);
    demand(!link.isCut, "steal()", "needs a reachable store", elector, "heal(elector)");
    this.#store.steal(elector.key);
    await this.#passUntil(() => !elector.isLeader());
  }

  /**
   * Stops the process until the lease has ended, as a debugger, a blocked event loop or a sleeping machine
   * would. The remaining time of the lease, at most one `ttl`, passes for all electors. The reason of the
   * loss is `expired`.
   *
   * @example
   * await election.grant();
   * await election.expire();
   */
  async expire(elector: Elector = this.elector): Promise<void> {
    this.#placeOf("expire()", elector);
    this.#demandLeader("expire()", elector);
    this.clock.block(this.#store.remaining(elector.key));
    await this.clock.advance(0);
  }

  /**
   * The leader outside of the test gives its lease back, and does not take it again. From now on there is no leader,
   * and the first elector that asks is elected, as with `vacant: true`.
   *
   * @example
   * await election.steal();
   * await election.vacate();
   */
  async vacate(elector: Elector = this.elector): Promise<void> {
    this.#placeOf("vacate()", elector);
    this.#store.vacate(elector.key);
    await this.clock.advance(0);
  }

  /**
   * Kills the process of the elector: nothing of it is heard any more, by the store or by its callbacks, and
   * `isLeader()` is false. Its lease stays until it expires. What your code does by itself, such as work that runs,
   * cannot be killed; the test should ignore it. A process that starts again is another one: `electorFor()`.
   *
   * @example
   * await election.crash(first);
   * await election.advance(10_000); // One ttl: the others can be elected.
   */
  async crash(elector: Elector = this.elector): Promise<void> {
    const { link, clock } = this.#placeOf("crash()", elector);
    this.#crashed.add(elector);
    link.isCut = true;
    clock.stop();
    await this.clock.advance(0);
  }

  /**
   * Makes the store unreachable for the elector, or for `"all"` of them: no request is answered. A leader leads until it
   * can no longer trust its lease, and then loses it with the reason `store-lost`.
   *
   * @example
   * await election.grant();
   * await election.partition("all");
   * await election.advance(10_000); // One ttl.
   */
  async partition(who: Elector | "all"): Promise<void> {
    this.#cut("partition()", who, true);
    await this.clock.advance(0);
  }

  /**
   * Makes the store reachable again. Requests that were sent in the meantime stay lost; the elector repeats
   * them.
   *
   * @example
   * await election.partition(election.elector);
   * await election.advance(2000);
   * await election.heal(election.elector);
   */
  async heal(who: Elector | "all"): Promise<void> {
    this.#cut("heal()", who, false);
    await this.clock.advance(0);
  }

  /**
   * Advances the clock by `ms`. All renewals and timers of electors that become due run.
   *
   * @example
   * await election.advance(60_000);
   */
  async advance(ms: number): Promise<void> {
    const isAmount = Number.isFinite(ms) && ms >= 0;
    if (!isAmount) {
      const rule = "must be given a number of ms, 0 or more";
      throw invalid({ name: "advance()", rule, value: ms, example: "advance(10_000)" });
    }
    await this.clock.advance(ms);
  }

  /** Stops every elector, and advances the clock as far as they need for this. */
  async close(): Promise<void> {
    let over = false;
    const stopped = Promise.all(this.#running().map((elector) => elector.stop()));
    const ended = stopped.finally(() => {
      over = true;
    });
    await this.#passUntil(() => over);
    await ended;
  }

  /**
   * Calls `close()` at the end of an `await using` block.
   *
   * @example
   * await using election = createTestElection();
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Advances from timer to timer until `isDone`. Resolves with false if that does not happen in time. */
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

  #running(): Elector[] {
    return [...this.#places.keys()].filter((elector) => !this.#crashed.has(elector));
  }

  #cut(verb: string, who: Elector | "all", isCut: boolean): void {
    for (const elector of who === "all" ? this.#running() : [who]) {
      this.#placeOf(verb, elector).link.isCut = isCut;
    }
  }

  #placeOf(verb: string, elector: Elector): Place {
    const place = this.#places.get(elector);
    if (place === undefined) {
      const all = verb === "partition()" || verb === "heal()" ? ', or "all"' : "";
      throw invalid({
        name: verb,
        rule: `must be given an elector of this test${all}`,
        value: elector,
        example: "election.elector, or what electorFor() returned",
      });
    }
    const example = "a new elector, by electorFor()";
    demand(!this.#crashed.has(elector), verb, "needs a process that runs", elector, example);
    return place;
  }

  #demandLeader(verb: string, elector: Elector): void {
    demand(elector.isLeader(), verb, "needs an elector that leads", elector, "await grant() first");
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
