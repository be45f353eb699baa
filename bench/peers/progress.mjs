/** Says on stderr what is being measured, how much of it is done, and how long the rest will take. */
export class Progress {
  #title;
  #begun = performance.now();
  #expected = 0;
  #done = 0;
  #underWay = 0;

  constructor(title) {
    this.#title = title;
  }

  /** How many measurements there will be at least. */
  expect(count) {
    this.#expected = Math.max(this.#expected, count);
  }

  /** What was under way is done; `count` more are. */
  begin(what, count = 1) {
    this.#done += this.#underWay;
    this.#underWay = count;
    console.error(this.line(what, performance.now() - this.#begun));
  }

  line(what, elapsed) {
    const each = elapsed / this.#done;
    const left = Math.round((each * (this.#expected - this.#done)) / 1000);
    const rate = `${(each / 1000).toFixed(1)} s each, ${left} s left`;
    const position = `${this.#done + 1} of ${this.#expected}`;
    return `${this.#title} (${position}${this.#done > 0 ? `, ${rate}` : ""}): ${what}`;
  }
}
