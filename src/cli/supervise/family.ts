import { allProcesses, environmentOf, type Process } from "./processes.ts";

/**
 * The environment variable that marks all processes of a run, since they inherit it. A run inside of
 * another one adds its own mark, so that its processes belong to both.
 */
export const MARKER = "INCUMBENT_RUN";

/** A process, identified by its pid and start time. */
export type Known = readonly [pid: number, start: number];

/** The start time of a process that has not been looked up yet. */
const ANY = -1;

/** How often a running family is looked up, in ms: more often at first, when daemons detach. */
const LOOK_FIRST = 5;
const LOOK_EVERY = 100;
/** The largest fraction of a processor that looking up may take on a machine with many processes. */
const LARGEST_SHARE = 0.02;

/**
 * A program and all processes that it has started. They are recognised by parent, process group, session
 * and mark. A descendant can leave each of these, but a process that was seen once stays known.
 */
export class Family {
  readonly mark: string;
  /** Includes dead processes while a process group or session still has their number. */
  readonly #known: Map<number, number>;
  /** The start time of this process: no older process belongs to the family. */
  readonly #since: number;

  constructor(mark: string, known: readonly Known[] = []) {
    this.mark = mark;
    this.#known = new Map(known);
    this.#since = startOf(process.pid) ?? 0;
  }

  get known(): readonly Known[] {
    return [...this.#known];
  }

  /** Adds the program, which has just been started, without a lookup: until it is known, it is not guarded. */
  add(pid: number): void {
    this.#known.set(pid, ANY);
  }

  include(known: readonly Known[]): void {
    for (const [pid, start] of known) this.#known.set(pid, start);
  }

  /** Returns the processes that are alive. Throws if the system cannot list its processes. */
  look(): readonly Process[] {
    const all = allProcesses([...this.#known.keys()]);
    this.#forgetStrangers(all);
    for (let before = -1; before !== this.#known.size; ) {
      before = this.#known.size;
      for (const one of all) if (this.#isNew(one)) this.#known.set(one.pid, one.start);
    }
    return all.filter(({ pid, alive }) => alive && this.#known.has(pid));
  }

  /** Looks repeatedly, so that a process is known before it detaches. The returned function ends this. */
  watch(): () => void {
    let timer: NodeJS.Timeout;
    const again = (last: number) => {
      const before = performance.now();
      try {
        this.look();
      } catch {
        // For example too many open files. The next look may succeed.
      }
      const took = performance.now() - before;
      const next = Math.max(Math.min(2 * last, LOOK_EVERY), took / LARGEST_SHARE);
      timer = setTimeout(again, next, next).unref();
    };
    timer = setTimeout(again, LOOK_FIRST, LOOK_FIRST).unref();
    return () => clearTimeout(timer);
  }

  /** Pids are reused: one that no process, group or session has now may next belong to a stranger. */
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

/** The marks of a process, starting with that of the outermost run. */
export function marksOf(pid: number): readonly string[] {
  const variable = environmentOf(pid).find((entry) => entry.startsWith(`${MARKER}=`));
  return variable?.slice(MARKER.length + 1).split(":") ?? [];
}

function startOf(pid: number): number | undefined {
  return allProcesses().find((one) => one.pid === pid)?.start;
}
