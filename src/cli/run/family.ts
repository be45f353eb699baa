import { allProcesses, environmentOf, type Process } from "./processes.ts";

/**
 * The variable that everything a command starts inherits: the mark of its run. A run inside of another
 * adds its own, so that what it starts belongs to both.
 */
export const MARKER = "INCUMBENT_RUN";

/** A process by its number and its start. */
export type Known = readonly [pid: number, start: number];

/** The start of a process that was not looked at yet. */
const ANY = -1;

/** From one look at a living family to the next, in ms: more often at first, when daemons are made. */
const LOOK_FIRST = 5;
const LOOK_EVERY = 100;
/** Where there are many processes, the looks take at most this part of a processor. */
const LARGEST_SHARE = 0.02;

/**
 * A program and all that it has started. Known by descent, group, session and mark: a descendant can
 * leave each of them, and one that was seen once stays known.
 */
export class Family {
  readonly mark: string;
  /** Also those that have died, while a group or session has their number. */
  readonly #known: Map<number, number>;
  /** The oldest that can belong to it: none that was there before us. */
  readonly #since: number;

  constructor(mark: string, known: readonly Known[] = []) {
    this.mark = mark;
    this.#known = new Map(known);
    this.#since = startOf(process.pid) ?? 0;
  }

  get known(): readonly Known[] {
    return [...this.#known];
  }

  /** Its head, which has just been started. Takes no time: until it is known, nothing protects from it. */
  add(pid: number): void {
    this.#known.set(pid, ANY);
  }

  include(known: readonly Known[]): void {
    for (const [pid, start] of known) this.#known.set(pid, start);
  }

  /** Those that are alive. Throws if the system cannot be asked. */
  look(): readonly Process[] {
    const all = allProcesses([...this.#known.keys()]);
    this.#forgetStrangers(all);
    for (let before = -1; before !== this.#known.size; ) {
      before = this.#known.size;
      for (const one of all) if (this.#isNew(one)) this.#known.set(one.pid, one.start);
    }
    return all.filter(({ pid, alive }) => alive && this.#known.has(pid));
  }

  /** Looks again and again, so that none is missed that leaves the family later. Ends by the returned function. */
  watch(): () => void {
    let timer: NodeJS.Timeout;
    const again = (last: number) => {
      const before = performance.now();
      try {
        this.look();
      } catch {
        // The system is short of something; the next look will tell.
      }
      const took = performance.now() - before;
      const next = Math.max(Math.min(2 * last, LOOK_EVERY), took / LARGEST_SHARE);
      timer = setTimeout(again, next, next).unref();
    };
    timer = setTimeout(again, LOOK_FIRST, LOOK_FIRST).unref();
    return () => clearTimeout(timer);
  }

  /** Numbers are used again: one that no process, group or session has now may be a stranger's next. */
  #forgetStrangers(all: readonly Process[]): void {
    const starts = new Map(all.map(({ pid, start }) => [pid, start]));
    const used = new Set(all.flatMap(({ pid, group, session }) => [pid, group, session]));
    for (const [pid, known] of this.#known) {
      const start = starts.get(pid) ?? known;
      if (known === ANY) this.#known.set(pid, start);
      else if (!used.has(pid) || start !== known) this.#known.delete(pid);
    }
  }

  #isNew({ pid, parent, group, session, start }: Process): boolean {
    if (this.#known.has(pid)) return false;
    if ([parent, group, session].some((number) => this.#known.has(number))) return true;
    return start >= this.#since && marksOf(pid).includes(this.mark);
  }
}

/** The marks of a process, that of the outermost run first. */
export function marksOf(pid: number): readonly string[] {
  const variable = environmentOf(pid).find((entry) => entry.startsWith(`${MARKER}=`));
  return variable?.slice(MARKER.length + 1).split(":") ?? [];
}

function startOf(pid: number): number | undefined {
  return allProcesses().find((one) => one.pid === pid)?.start;
}
