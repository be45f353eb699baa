import { Elector } from "../../../src/elector/elector.ts";
import type { LeadOptions } from "../../../src/elector/lead.ts";
import type { Term } from "../../../src/elector/terms/term.ts";
import type { Clock } from "../../../src/elector/time/clock.ts";
import { type IncumbentErrorCode, isIncumbentError } from "../../../src/errors.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { AnsweringStore } from "./answering-store.ts";
import { Audience } from "./audience.ts";
import type { Move, Reaction, Sequence, WorkPlan } from "./moves.ts";

const TTL = 1000;
const DRAIN = 400;

const STORE_ERRORS = ["INCUMBENT_STORE_TIMEOUT", "INCUMBENT_STORE_UNAVAILABLE"] as const;

/** An error of the user's own: it may come back to the user, and nowhere else. */
class Own extends Error {}

/** Plays a sequence on one elector, and writes down every promise that it breaks. */
export class Player {
  readonly complaints: string[] = [];
  readonly #clock = new ManualClock();
  readonly #store: AnsweringStore;
  readonly #elector: Elector;
  readonly #audience: Audience;
  readonly #signals: AbortController[] = [];
  readonly #works: (() => void)[] = [];
  readonly #unsettled = new Set<string>();
  /** How many calls could have begun something. */
  #begun = 0;
  #called = 0;
  #timers = 0;
  /** How often the store was written to when the last stop was complete; nothing since a start. */
  #writesAtEnd: number | undefined;

  constructor({ answers }: Pick<Sequence, "answers">) {
    this.#store = new AnsweringStore(this.#clock, answers);
    const options = { ttl: TTL, drainTimeout: DRAIN, nodeId: "one" };
    let nonces = 0;
    const nonce = () => {
      nonces += 1;
      return `nonce-${nonces}`;
    };
    const environment = { clock: this.#countedClock(), jitter: () => 0.5, nonce };
    this.#elector = new Elector(this.#store, "job", options, environment);
    const complain = (text: string) => this.complaints.push(text);
    this.#audience = new Audience(this.#elector, (reaction) => this.#react(reaction), complain);
  }

  async play(moves: readonly Move[]): Promise<void> {
    for (const move of moves) {
      this.#make(move);
      await this.#pass(move.does === "pass" ? move.ms : 0);
    }
    await this.#end();
  }

  /** Work that hangs may drain in vain; then everything has to end. */
  async #end(): Promise<void> {
    this.#stop();
    await this.#pass(3 * TTL + DRAIN);
    for (const settle of this.#works) settle();
    await this.#pass(0);
    this.#stop();
    await this.#pass(3 * TTL + DRAIN);
    await this.#pass(0);
    for (const call of this.#unsettled) this.complaints.push(`G8: ${call} has not settled`);
    if (this.#writesAtEnd === undefined) this.complaints.push("G5: the last stop did not resolve");
  }

  #make(move: Move): void {
    switch (move.does) {
      case "start":
        this.#start(this.#signal(move.signal));
        return;
      case "wait":
        this.#wait(this.#signal(move.signal));
        return;
      case "await answer":
        this.#awaitAnswer(this.#signal(move.signal));
        return;
      case "observe":
        this.#observe(this.#signal(move.signal));
        return;
      case "lead":
        this.#lead(move.work, { signal: this.#signal(move.signal), wait: move.wait });
        return;
      case "stop":
        this.#stop();
        return;
      case "resign":
        this.#call("resign()", this.#elector.resign());
        return;
      case "read":
        this.#begins(); // A request of its own, with a deadline.
        this.#call("leader()", this.#elector.leader(), "INCUMBENT_STOPPED", ...STORE_ERRORS);
        return;
      case "hint":
        for (const watcher of [...this.#store.watchers]) watcher("released");
        return;
      case "abort":
        this.#signals[move.which % Math.max(1, this.#signals.length)]?.abort(new Own("aborted"));
        return;
      case "unregister":
        this.#audience.unregister(move.which);
        return;
      case "settle work":
        this.#works[move.which % Math.max(1, this.#works.length)]?.();
        return;
      case "register":
        this.#audience.register(move.callback);
        return;
      case "block":
        this.#clock.block(move.ms);
        return;
      case "pass":
        return;
    }
  }

  #react(reaction: Reaction): unknown {
    switch (reaction.does) {
      case "throws":
        throw new Own("thrown by a callback");
      case "rejects":
        return Promise.reject(new Own("rejected by a callback"));
      case "lasts":
        return new Promise<void>((resolve) => this.#works.push(resolve));
      case "stops":
        this.#stop();
        return undefined;
      case "resigns":
        this.#make({ does: "resign" });
        return undefined;
      case "starts":
        this.#start(undefined);
        return undefined;
      case "leads":
        this.#lead("ends", {});
        return undefined;
      case "waits":
        this.#wait(undefined);
        return undefined;
      case "registers":
        this.#audience.register({ gain: { does: "nothing" }, loss: { does: "nothing" } });
        return undefined;
      case "unregisters":
        this.#audience.unregister(reaction.which);
        return undefined;
      case "aborts":
        this.#make({ does: "abort", which: reaction.which });
        return undefined;
      case "blocks":
        this.#clock.block(reaction.ms);
        return undefined;
      case "nothing":
      case "unregisters itself":
        return undefined;
    }
  }

  #start(signal: AbortSignal | undefined): void {
    this.#begins();
    this.#call("start()", this.#elector.start({ signal }), "INCUMBENT_ALREADY_STARTED");
  }

  #wait(signal: AbortSignal | undefined): void {
    const leads = this.#elector.waitForLeadership({ signal });
    this.#call("waitForLeadership()", leads, "INCUMBENT_STOPPED");
  }

  #awaitAnswer(signal: AbortSignal | undefined): void {
    const settled = this.#elector.settled({ signal }).then(({ role, waitingFor }) => {
      if (role !== "stopped" && waitingFor?.reason !== "answer") return;
      this.complaints.push(`G8: settled() resolved with ${role}, ${waitingFor?.reason}`);
    });
    this.#call("settled()", settled, "INCUMBENT_STOPPED");
  }

  #lead(plan: WorkPlan, options: LeadOptions): void {
    this.#begins();
    const work = (term: Term): Promise<void> => {
      if (this.#elector.term !== term) this.complaints.push("G1: work began without its term");
      if (plan === "throws") throw new Own("thrown by work");
      if (plan === "fails") return Promise.reject(new Own("work failed"));
      if (plan === "ends") return Promise.resolve();
      return new Promise((resolve, reject) => {
        this.#works.push(resolve);
        if (plan === "hangs") return;
        term.signal.addEventListener("abort", () => reject(term.signal.reason));
      });
    };
    this.#call(
      "lead()",
      this.#elector.lead(work, options),
      "INCUMBENT_STOPPED",
      "INCUMBENT_NOT_ELECTED",
      "INCUMBENT_ALREADY_LEADING",
      "INCUMBENT_ALREADY_STARTED",
    );
  }

  /** Looks on until it has seen three leaders. */
  #observe(signal: AbortSignal | undefined): void {
    const look = async () => {
      let seen = 0;
      for await (const _ of this.#elector.observe({ signal })) {
        seen += 1;
        if (seen === 3) break;
        // A slow player must not keep anything alive by that.
        if (seen === 2) await new Promise<void>((resolve) => this.#works.push(resolve));
      }
    };
    this.#begins();
    this.#call("observe()", look());
  }

  #stop(): void {
    const { complaints } = this;
    const before = this.#begun;
    const stopped = this.#elector.stop().then(() => {
      if (this.#elector.isLeader()) complaints.push("G5: stop() has resolved, and it leads");
      if (before === this.#begun) this.#writesAtEnd = this.#store.writes;
    });
    this.#call("stop()", stopped);
  }

  #begins(): void {
    this.#begun += 1;
    this.#writesAtEnd = undefined;
  }

  /** Every promise settles when the elector has stopped, and rejects with nothing but what is documented. */
  #call(name: string, promise: Promise<unknown>, ...codes: IncumbentErrorCode[]): void {
    this.#called += 1;
    const call = `${name} (call ${this.#called})`;
    this.#unsettled.add(call);
    promise.then(
      () => this.#unsettled.delete(call),
      (error) => {
        this.#unsettled.delete(call);
        if (error instanceof Own && !name.startsWith("stop")) return;
        if (isIncumbentError(error) && codes.includes(error.code)) return;
        this.complaints.push(`G8: ${call} rejected with ${error}`);
      },
    );
  }

  async #pass(ms: number): Promise<void> {
    const end = this.#clock.now() + ms;
    await this.#clock.advance(ms);
    // Where a callback has blocked, more is due by now than has happened.
    if (this.#clock.now() === end) this.#check();
  }

  #check(): void {
    this.#audience.checkAllKnow();
    const { role } = this.#elector.status;
    if ((role === "leader") !== this.#elector.isLeader()) {
      this.complaints.push(`G1: isLeader() disagrees with status.role, which is ${role}`);
    }
    if (this.#writesAtEnd === undefined) return;
    const { watchers, writes } = this.#store;
    if (this.#timers > 0) this.complaints.push(`G5: ${this.#timers} timers are left after stop()`);
    if (watchers.size > 0) this.complaints.push(`G5: ${watchers.size} watchers are left`);
    if (writes > this.#writesAtEnd) this.complaints.push("G5: the store was asked after stop()");
  }

  #signal(wanted: boolean): AbortSignal | undefined {
    if (!wanted) return undefined;
    const controller = new AbortController();
    this.#signals.push(controller);
    return controller.signal;
  }

  /** The store's own delays do not count. */
  #countedClock(): Clock {
    return {
      now: () => this.#clock.now(),
      timer: (at, fire) => {
        this.#timers += 1;
        let isArmed = true;
        const disarm = () => {
          if (isArmed) this.#timers -= 1;
          isArmed = false;
        };
        const cancel = this.#clock.timer(at, () => {
          disarm();
          fire();
        });
        return () => {
          disarm();
          cancel();
        };
      },
    };
  }
}
