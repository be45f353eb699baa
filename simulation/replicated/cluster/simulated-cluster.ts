import { SLOTS, slotOf } from "../../../src/stores/redis/cluster/slots.ts";
import { Random } from "../../random.ts";
import { without, withValue } from "../../redis/memory.ts";
import type { ClusterPlan } from "../../scenario.ts";
import type { Schedule } from "../../schedule.ts";
import type { Executed } from "../../simulated-host.ts";
import type { Place } from "../clients.ts";
import type { Deployment, Migration, Promotion } from "../deployment.ts";
import { ClientOfCluster } from "./cluster-clients.ts";
import { ClusterNode } from "./cluster-node.ts";
import { type Claim, ClusterView, type SlotRange } from "./cluster-view.ts";

/** How many primaries there are, each with a third of the slots. */
const SHARDS = 3;

/** Three primaries with a replica each, and what they know of each other. */
export class SimulatedCluster implements Deployment {
  readonly servers: readonly ClusterNode[];
  readonly #schedule: Schedule;
  readonly #keys: readonly string[];
  /** What the node knows that was heard last by all others. */
  readonly #truth: ClusterView;
  #epoch = 1;
  /** When the consequences of the last failover or move are over. */
  #settledAt = 0;

  /** `keys`: of the elections. The slot of each can be moved. */
  constructor(
    { servers, lag, needsAll }: ClusterPlan,
    keys: readonly string[],
    seed: number,
    schedule: Schedule,
    onExecuted: (executed: Executed) => void,
  ) {
    this.#schedule = schedule;
    this.#keys = keys;
    const random = new Random(seed, 8);
    const claims = rangesFor(keys.map(slotOf)).map((range) => {
      return { range, owner: shardOf(range), epoch: 0 };
    });
    this.#truth = new ClusterView(claims);
    this.servers = servers.map(
      (plan, number) =>
        new ClusterNode({
          ...{ number, schedule, plan, random, lag, needsAll, view: new ClusterView(claims) },
          // For a lease, all of them are one server.
          onExecuted: (executed) => onExecuted({ ...executed, number: 0 }),
        }),
    );
    for (const replica of this.servers.slice(SHARDS))
      replica.follow(this.#node(replica.number % SHARDS));
  }

  clientOf(place: Place, process: number): ClientOfCluster {
    return new ClientOfCluster(place, process, this.servers, this.servers);
  }

  calm(): void {
    for (const server of this.servers) server.calm();
  }

  isHeardBy(process: number, key: string): boolean {
    const range = this.#truth.rangeOf(slotOf(key));
    return this.#node(this.#truth.ownerOf(range)).isHeardBy(process, key);
  }

  promote({ server, former, voted = 0, ...times }: Promotion): boolean {
    const promoted = this.#node(server);
    const replaced = this.servers.find((each) => isPartner(each, promoted));
    const voters = this.#primaries.filter((primary) => primary !== replaced);
    const isPossible = promoted.isReplica && voters.every(({ isAwake }) => isAwake);
    if (this.#schedule.now < this.#settledAt || replaced === undefined || !isPossible) return false;
    // They flag it before they vote, and go on naming it until they hear from the one that they voted for.
    for (const { view } of voters) view.flag(replaced.number);
    if (former === "killed") replaced.goDown();
    if (former === "paused") replaced.freeze();
    if (former === "cut off") replaced.lose(promoted);
    this.#after(times.for, () => {
      if (former === "killed") replaced.comeUp("kept");
      if (former === "paused") replaced.thaw();
    });
    this.#after(voted, () => {
      // It missed the votes, and its primary is found to be there again.
      if (!promoted.isAwake) {
        for (const { view } of voters) view.unflag(replaced.number);
        promoted.follow(replaced);
        return;
      }
      this.#epoch += 1;
      promoted.promote(`d${this.#epoch.toString(16)}`);
      const own = this.#truth.claims.filter(({ owner }) => owner === replaced.number);
      const claims = this.#claim(
        own.map(({ range }) => range),
        promoted,
      );
      for (const other of this.servers) {
        if (other === promoted || other === replaced) continue;
        this.#after(times.informed[other.number] ?? 0, () =>
          other.hear(() => {
            other.view.learn(claims);
            other.view.unflag(replaced.number);
          }),
        );
      }
      const passed = Math.min(voted, times.for);
      if (former === "cut off")
        this.#after(times.for - passed, () => {
          replaced.isInMinority = true;
        });
      this.#after(Math.max(times.for, times.demoted) - passed, () => {
        replaced.isInMinority = false;
        replaced.view.learn(claims);
        replaced.follow(promoted);
      });
    });
    return true;
  }

  migrate({ server, election, moved, ended, informed }: Migration): boolean {
    const range = this.#truth.rangeOf(slotOf(this.#keys[election] ?? ""));
    const source = this.#node(this.#truth.ownerOf(range));
    const target = this.#primaries.find(({ number }) => number % SHARDS === server % SHARDS);
    if (this.#schedule.now < this.#settledAt || target === undefined || target === source)
      return false;
    target.importing.set(range, source.number);
    source.migrating.set(range, target.number);
    let isStuck = false;
    const keys = this.#keys.filter((key) => this.#truth.rangeOf(slotOf(key)) === range);
    for (const [at, key] of keys.entries()) {
      this.#after((moved * (at + 1)) / keys.length, () => {
        // It takes both of them. What moves the slot has given up otherwise.
        isStuck ||= !source.isAwake || !target.isAwake;
        const value = source.redis.snapshot().get(key);
        if (isStuck || value === undefined) return;
        target.write((memory) => withValue(memory, key, value));
        source.write((memory) => without(memory, [key]));
      });
    }
    this.#after(Math.max(moved, ended ?? 0), () => {
      if (isStuck || ended === undefined) {
        this.#settledAt = Number.POSITIVE_INFINITY;
        return;
      }
      this.#epoch += 1;
      target.importing.delete(range);
      const claims = this.#claim([range], target);
      for (const other of this.servers) {
        if (other === target) continue;
        this.#after(informed[other.number] ?? 0, () =>
          other.hear(() => {
            other.view.learn(claims);
            other.migrating.delete(range);
          }),
        );
      }
    });
    return true;
  }

  get #primaries(): readonly ClusterNode[] {
    const owners = new Set(this.#truth.claims.map(({ owner }) => owner));
    return [...owners].map((owner) => this.#node(owner));
  }

  #node(number = -1): ClusterNode {
    const found = this.servers[number];
    if (found === undefined) throw new Error(`The scenario has no server ${number}.`);
    return found;
  }

  /** From now on these slots are at this node, which knows it first. */
  #claim(ranges: readonly SlotRange[], { number: owner, view }: ClusterNode): readonly Claim[] {
    const claims = ranges.map((range) => ({ range, owner, epoch: this.#epoch }));
    this.#truth.learn(claims);
    view.learn(claims);
    return claims;
  }

  #after(ms: number, run: () => void): void {
    const at = this.#schedule.now + ms;
    this.#settledAt = Math.max(this.#settledAt, at);
    this.#schedule.add(at, run);
  }
}

/** Whether the two are the primary and the replica of one shard. */
function isPartner(one: ClusterNode, other: ClusterNode): boolean {
  return one !== other && one.number % SHARDS === other.number % SHARDS;
}

function shardOf({ first }: SlotRange): number {
  return Math.floor((first * SHARDS) / SLOTS);
}

/** All slots: thirds of them, and each of these by itself. */
function rangesFor(single: readonly number[]): SlotRange[] {
  const thirds = Array.from({ length: SHARDS }, (_, shard) => Math.ceil((shard * SLOTS) / SHARDS));
  const starts = new Set([...thirds, ...single, ...single.map((slot) => slot + 1)]);
  const sorted = [...starts].filter((start) => start < SLOTS).sort((one, other) => one - other);
  return sorted.map((first, at) => ({ first, last: (sorted[at + 1] ?? SLOTS) - 1 }));
}
