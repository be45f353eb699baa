/** Which candidates believe that they lead, over time. */
export class Beliefs {
  #changes = [];

  note(at, candidate, believes) {
    this.#changes.push({ at, candidate, believes });
  }

  /** For how many ms between two moments at least two candidates believed. */
  overlap(from, to) {
    const believers = new Set();
    let [last, total] = [from, 0];
    for (const { at, candidate, believes } of this.#inOrder()) {
      if (at > to) break;
      if (believers.size > 1 && at > last) total += at - last;
      last = Math.max(last, at);
      if (believes) believers.add(candidate);
      else believers.delete(candidate);
    }
    return believers.size > 1 ? total + to - last : total;
  }

  /** Those who believe at a moment. */
  at(moment) {
    const believers = new Set();
    for (const { at, candidate, believes } of this.#inOrder()) {
      if (at > moment) break;
      if (believes) believers.add(candidate);
      else believers.delete(candidate);
    }
    return [...believers];
  }

  /** When a candidate stopped believing after a moment, or `undefined` if it has not. */
  end(candidate, after) {
    return this.#inOrder().find(
      (change) => change.candidate === candidate && !change.believes && change.at >= after,
    )?.at;
  }

  /** Processes report by themselves, so their reports can be out of order. */
  #inOrder() {
    return this.#changes.sort((a, b) => a.at - b.at);
  }
}
