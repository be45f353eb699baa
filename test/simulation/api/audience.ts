import type { Elector } from "../../../src/elector/elector.ts";
import type { Term } from "../../../src/elector/terms/term.ts";
import type { CallbackPlan, Reaction } from "./moves.ts";

interface Listener {
  /** In which order they registered. */
  readonly number: number;
  /** The term whose end it has to hear of. */
  owed: Term | undefined;
  unregister(): void;
}

/** More would only hear the same. */
const MOST = 10;

/** Callbacks that check what they hear: G2. */
export class Audience {
  readonly #elector: Elector;
  readonly #react: (reaction: Reaction) => unknown;
  readonly #complain: (text: string) => void;
  readonly #listeners: Listener[] = [];
  #registered = 0;
  /** What is being reported, and who heard it last. */
  #reported = { what: "", number: 0 };

  constructor(
    elector: Elector,
    react: (reaction: Reaction) => unknown,
    complain: (text: string) => void,
  ) {
    this.#elector = elector;
    this.#react = react;
    this.#complain = complain;
  }

  register({ gain, loss }: CallbackPlan): void {
    if (this.#listeners.length >= MOST) return;
    this.#registered += 1;
    const listener: Listener = {
      number: this.#registered,
      owed: this.#elector.term,
      unregister: () => {},
    };
    const unregister = this.#elector.onLeadershipChange((isLeader, term) => {
      this.#check(listener, isLeader, term);
      const reaction = isLeader ? gain : loss;
      if (reaction.does === "unregisters itself") listener.unregister();
      return this.#react(reaction);
    });
    listener.unregister = () => {
      unregister();
      const place = this.#listeners.indexOf(listener);
      if (place !== -1) this.#listeners.splice(place, 1);
    };
    this.#listeners.push(listener);
  }

  unregister(which: number): void {
    this.#listeners[which % Math.max(1, this.#listeners.length)]?.unregister();
  }

  /** When nothing is due: every listener knows who leads, and is owed its end. */
  checkAllKnow(): void {
    const { term } = this.#elector;
    for (const { number, owed } of this.#listeners) {
      if (owed === term) continue;
      this.#complain(`G2: callback ${number} knows of ${named(owed)}, and there is ${named(term)}`);
    }
  }

  #check(listener: Listener, isLeader: boolean, term: Term): void {
    const what = `${isLeader ? "gain" : "loss"} of ${term.token}`;
    const report = `G2: callback ${listener.number} heard of the ${what}`;
    if (!this.#listeners.includes(listener)) this.#complain(`${report} when it was gone`);
    if (listener.owed !== (isLeader ? undefined : term)) {
      this.#complain(`${report} when it knew of ${named(listener.owed)}`);
    }
    listener.owed = isLeader ? term : undefined;
    if (this.#elector.isLeader() !== isLeader)
      this.#complain(`${report}, and isLeader() disagrees`);
    if (term.signal.aborted === isLeader) this.#complain(`${report}, and the signal disagrees`);
    const { what: before, number } = this.#reported;
    if (before === what && number >= listener.number) this.#complain(`${report} after ${number}`);
    this.#reported = { what, number: listener.number };
  }
}

function named(term: Term | undefined): string {
  return term === undefined ? "no term" : `term ${term.token}`;
}
