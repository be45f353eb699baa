import type { Memory } from "../redis/memory.ts";
import { Columns } from "./columns.ts";
import { contentOfCandidate, contentOfUnawaited, forgotten } from "./content.ts";
import { isOver } from "./hope.ts";
import type { Budget, Instance } from "./instance.ts";
import { Numbering } from "./numbering.ts";
import { isDone } from "./prune.ts";
import { isAwaited, type Message, type World } from "./world.ts";

/** A world, and a short text that is equal for worlds with the same future. */
export interface Recognised {
  readonly fingerprint: string;
  /** A world that shares its parts with other worlds. */
  readonly world: World;
}

/**
 * Recognises worlds by their parts, each of which gets a number when it is first found. All worlds consist
 * of a small number of different parts.
 */
export class Recogniser {
  readonly #instance: Instance;
  readonly #budgets = new Numbering<Budget>((spent) => spent);
  readonly #memories = new Numbering<Memory>((memory) => [...memory]);
  readonly #candidates = new Numbering(contentOfCandidate);
  readonly #columns = new Columns();
  readonly #awaited = new Numbering<Message>((message) => message);
  readonly #unawaited = new Numbering(contentOfUnawaited, forgotten);

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  recognise(world: World): Recognised {
    const spent = this.#budgets.of(world.spent);
    if (isOver(this.#instance, world)) return { fingerprint: "over", world };
    const codes = [world.now, world.lastToken, spent.number];
    const columns: number[][] = [];
    const servers = world.servers.map(({ memory, life, snapshot }) => {
      const kept = this.#memories.of(memory);
      const old = snapshot && this.#memories.of(snapshot);
      columns.push([life, kept.number, old === undefined ? 0 : old.number]);
      return { memory: kept.part, life, snapshot: old?.part };
    });
    let allDone = true;
    const candidates = world.candidates.map((candidate, index) => {
      if (isDone(this.#instance, world, index)) {
        codes.push(0);
        return candidate;
      }
      allDone = false;
      const { part } = this.#candidates.of(candidate);
      const { common, each } = this.#columns.ofCandidate(part);
      codes.push(common);
      for (const [server, column] of columns.entries()) column.push(each[server] ?? 0);
      return part;
    });
    // No candidate leads or can still be elected.
    if (allDone) return { fingerprint: "over", world };
    const onTheirWay: number[][] = columns.map(() => []);
    const messages = world.messages.map((message) => {
      const isOdd = isAwaited(world, message);
      const { part } = (isOdd ? this.#awaited : this.#unawaited).of(message);
      const number = this.#columns.ofMessage(part, isOdd);
      onTheirWay[message.server]?.push(2 * number + (isOdd ? 1 : 0));
      return part;
    });
    // Messages arrive in every order, independently of the order of sending.
    const texts = columns.map((column, server) =>
      textOf([...column, ...(onTheirWay[server] ?? []).sort((a, b) => a - b), 0]),
    );
    const shared = { ...world, spent: spent.part, servers, candidates, messages };
    return { fingerprint: textOf(codes) + texts.sort().join(""), world: shared };
  }
}

/** Encodes each number as one character, or two if it is large. */
function textOf(codes: readonly number[]): string {
  const units: number[] = [];
  for (const code of codes) {
    if (code < 0x8000) units.push(code);
    else units.push(0x8000 + (code >> 15), code & 0x7fff);
  }
  return String.fromCharCode(...units);
}
