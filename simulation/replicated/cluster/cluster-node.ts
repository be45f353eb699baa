import { slotOf } from "../../../src/stores/redis/cluster/slots.ts";
import type { Answer, Passage } from "../../simulated-host.ts";
import { ReplicatedServer, type ReplicatedSettings } from "../replicated-server.ts";
import type { ClusterView, SlotRange } from "./cluster-view.ts";

/** The host of every node. The port is its number. */
export const NODE = "server";

interface Settings extends ReplicatedSettings {
  readonly view: ClusterView;
  /** Whether it refuses requests while a primary has failed. */
  readonly needsAll: boolean;
}

/** A node of a cluster: a replicated server that knows which slots are its own, and refuses requests for others. */
export class ClusterNode extends ReplicatedServer {
  readonly number: number;
  readonly view: ClusterView;
  /** The slots that are being moved, and the node at the other end. */
  readonly migrating = new Map<SlotRange, number>();
  readonly importing = new Map<SlotRange, number>();
  /** It cannot reach most primaries, and has noticed. */
  isInMinority = false;
  readonly #needsAll: boolean;

  constructor(settings: Settings) {
    super(settings);
    this.number = settings.number;
    this.view = settings.view;
    this.#needsAll = settings.needsAll;
  }

  /** Hears something of another node, now or after a freeze. */
  hear(news: () => void): void {
    this.whenAwake(news);
  }

  override receiveOver(
    connection: object,
    args: readonly string[],
    answer: Answer,
    passage: Passage,
    isAsking = false,
  ): void {
    this.whenAwake(() => {
      const [command = "", what, count] = args;
      if (command === "CLUSTER") {
        const reply = what === "SLOTS" ? this.#slots() : this.#nodes();
        return answer((resolve) => resolve(reply));
      }
      const isScript = command.startsWith("EVAL");
      const refusal = isScript && this.#refusal(args.slice(3, 3 + Number(count)), isAsking);
      if (!refusal) return super.receiveOver(connection, args, answer, passage);
      const error = new Error(refusal);
      error.name = "ReplyError";
      answer((_, reject) => reject(error));
    });
  }

  /** Why it does not carry out a script for these keys, in the words and the order of Redis 7. */
  #refusal(keys: readonly string[], isAsking: boolean): string | undefined {
    const [slot = 0, ...others] = keys.map(slotOf);
    if (others.some((other) => other !== slot))
      return "CROSSSLOT Keys in request don't hash to the same slot";
    if (this.isInMinority || (this.#needsAll && this.view.isIncomplete))
      return "CLUSTERDOWN The cluster is down";
    const range = this.view.rangeOf(slot);
    const owner = this.view.ownerOf(range);
    const isHere = owner === this.number && !this.isReplica;
    const memory = this.redis.snapshot();
    const missing = keys.filter((key) => !memory.has(key));
    const target = isHere ? this.migrating.get(range) : undefined;
    const isImported = !isHere && isAsking && this.importing.has(range);
    const isDivided = target !== undefined || (isImported && keys.length > 1);
    if (isDivided && missing.length > 0) {
      const isGone = target !== undefined && missing.length === keys.length;
      return isGone
        ? `ASK ${slot} ${NODE}:${target}`
        : "TRYAGAIN Multiple keys request during rehashing of slot";
    }
    return isHere || isImported ? undefined : `MOVED ${slot} ${NODE}:${owner}`;
  }

  #slots(): unknown {
    return this.view.claims.map(({ range, owner }) => {
      return [range.first, range.last, [NODE, owner, `id-${owner}`]];
    });
  }

  #nodes(): string {
    const owners = new Set(this.view.claims.map(({ owner }) => owner));
    const lines = [...owners].map((node) => {
      const flags = this.view.hasFailed(node) ? "master,fail" : "master";
      const own = this.view.claims.filter(({ owner }) => owner === node);
      const ranges = own.map(({ range: { first, last } }) => `${first}-${last}`);
      return `id-${node} ${NODE}:${node}@1 ${flags} - 0 0 1 connected ${ranges.join(" ")}`;
    });
    return `${lines.join("\n")}\n`;
  }
}
