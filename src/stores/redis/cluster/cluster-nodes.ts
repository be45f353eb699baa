import { StoreError } from "../../../errors.ts";
import type { Timer } from "../../connections/timer.ts";
import type { StoreRequest } from "../../lease-store.ts";
import type { Address } from "../client/address.ts";
import type { OpenDriver } from "../client/redis-driver.ts";
import { storeErrorOf } from "../client/redis-errors.ts";
import type { GuardSettings } from "../guard-settings.ts";
import type { Membership } from "../script/script-calls.ts";
import { SingleServer } from "../single-server.ts";
import type { ClusterSource } from "./cluster-source.ts";
import { firstAnswer } from "./first-answer.ts";
import { SlotTable } from "./slot-table.ts";
import { SlotView } from "./slot-view.ts";
import { SlotWitnesses } from "./slot-witnesses.ts";
import { slotOf } from "./slots.ts";

/** How long one node may take to say what it knows of the others, in ms. */
const QUERY_TIME = 2000;

/** By which questions are limited that no request has asked. */
interface Time {
  readonly timer: Timer;
  readonly clock: StoreRequest["clock"];
}

/** A node that is connected or may be, and when it was last asked for a slot. */
interface Node {
  readonly server: SingleServer;
  lookup: number;
}

/** The nodes of a cluster, each with connections of its own, and which of them has which slot. */
export class ClusterNodes {
  /** Called when slots are elsewhere than they were known to be. */
  onMoved: () => void = () => {};
  readonly #source: ClusterSource;
  readonly #settings: GuardSettings;
  readonly #timer: Timer;
  readonly #clock: StoreRequest["clock"];
  readonly #membership: Omit<Membership, "confirm">;
  readonly #witnesses: SlotWitnesses;
  readonly #nodes = new Map<Address, Node>();
  #table = new SlotTable();
  #lookup: Promise<void> | undefined;
  #lookups = 0;

  constructor(
    source: ClusterSource,
    settings: GuardSettings,
    { timer, clock }: Time,
    membership: Omit<Membership, "confirm">,
  ) {
    this.#source = source;
    this.#settings = settings;
    this.#timer = timer;
    this.#clock = clock;
    this.#witnesses = new SlotWitnesses((address) => this.#viewOf(address), timer);
    this.#membership = membership;
  }

  /** Those that have slots. */
  get owners(): readonly Address[] {
    return [...this.#table.owners];
  }

  /** The node that has the slot; for a slot that none has, any: it will say so. */
  ownerOf(slot: number): Address | undefined {
    return this.#table.ownerOf(slot) ?? this.owners[0];
  }

  /** Where a node is reached that calls itself so. */
  reach(address: Address): Address {
    return this.#source.reach(address);
  }

  /** A node has said where a slot is. */
  learn(slot: number, address: Address): void {
    // Not if it was closed: of a cluster of which one node is known, that one would need no confirmation.
    if (this.owners.length > 0) this.#table.learn(slot, address);
    this.onMoved();
    this.doubt();
  }

  at(address: Address): SingleServer {
    const node = this.#nodeAt(address);
    node.lookup = this.#lookups;
    return node.server;
  }

  /** Something happened after which slots may be elsewhere: looks again, and nothing waits for it. */
  doubt(): void {
    // It was closed: what fails by that must open nothing.
    if (this.#nodes.size === 0) return;
    this.lookUp().catch(() => {});
  }

  /** Asks the nodes who has which slot. Several may wait for one look. Rejects with a `StoreError`: nothing was sent. */
  lookUp(): Promise<void> {
    if (this.#lookup !== undefined) return this.#lookup;
    const lookup = this.#lookAgain().finally(() => {
      if (this.#lookup === lookup) this.#lookup = undefined;
    });
    this.#lookup = lookup;
    return lookup;
  }

  async close(): Promise<void> {
    const nodes = [...this.#nodes.values()];
    this.#nodes.clear();
    this.#table = new SlotTable();
    // It is over with what it asked. A later request begins another.
    this.#lookup = undefined;
    await Promise.all(nodes.map(({ server }) => server.close()));
  }

  async #lookAgain(): Promise<void> {
    const table = this.#table;
    try {
      await this.#askOneOf(this.#ownersInTurn(), table).catch(async () => {
        // Those that are known from the beginning may lead to others.
        await this.#askOneOf(await this.#source.seeds(), table);
      });
    } catch (error) {
      const { code, message, cause, detail } = storeErrorOf(error);
      throw new StoreError(code, message, { cause, applied: "no", detail });
    }
    // It was closed meanwhile: what is opened from now on is not to be found by this look.
    if (table !== this.#table) return;
    this.#forgetIdle();
    this.onMoved();
  }

  /** Another one first each time: one that is cut off from the others knows nothing new. */
  #ownersInTurn(): Address[] {
    const { owners } = this;
    const first = owners.length === 0 ? 0 : this.#lookups % owners.length;
    return [...owners.slice(first), ...owners.slice(0, first)];
  }

  async #askOneOf(addresses: readonly Address[], table: SlotTable): Promise<void> {
    if (addresses.length === 0) throw new Error("no node is known");
    const questions = addresses.map((address) => async () => {
      // It was closed meanwhile, and opens nothing any more.
      if (table !== this.#table) throw new Error("the connection was closed");
      return this.#askForSlots(address, table);
    });
    await firstAnswer(questions, this.#timer);
  }

  async #askForSlots(address: Address, table: SlotTable): Promise<void> {
    const reply = await this.#query(address, "SLOTS");
    table.replace(reply, address, (named) => this.#source.reach(named));
  }

  /** How this node sees the others. */
  async #viewOf(address: Address): Promise<SlotView> {
    // It was closed while the look was put off, and opens nothing any more.
    if (!this.#table.owners.has(address)) throw new Error("the connection was closed");
    const reply = await this.#query(address, "NODES");
    return new SlotView(reply, (named) => this.#source.reach(named));
  }

  async #query(address: Address, what: "SLOTS" | "NODES"): Promise<unknown> {
    const limit = new AbortController();
    const cancel = this.#timer(QUERY_TIME, () => limit.abort());
    try {
      // The time limit says when to try another connection beside one that is silent.
      const notAfter = this.#clock.now() + QUERY_TIME;
      const wait = { clock: this.#clock, signal: limit.signal, notAfter };
      return await this.#nodeAt(address).server.send(["CLUSTER", what], wait);
    } finally {
      cancel();
    }
  }

  async #confirm(slot: number, owner: Address): Promise<StoreError | undefined> {
    const error = await this.#witnesses.confirm(slot, owner, this.owners);
    if (error !== undefined) this.doubt();
    return error;
  }

  /** Those that have no slot, and were not asked for one since the last look. */
  #forgetIdle(): void {
    for (const [address, { server, lookup }] of this.#nodes) {
      if (this.#table.owners.has(address) || lookup === this.#lookups) continue;
      this.#nodes.delete(address);
      void server.close();
    }
    this.#lookups += 1;
  }

  #nodeAt(address: Address): Node {
    const known = this.#nodes.get(address);
    if (known !== undefined) return known;
    const { keyPrefix } = this.#source;
    const open = this.#doubting(address, this.#source.open(address));
    const channels = this.#source.openShard?.(address);
    const onMoved = () => this.doubt();
    const source = { keyPrefix, open, shard: channels && { slotOf, onMoved, open: channels } };
    const membership: Membership = {
      ...this.#membership,
      confirm: (key, owner = address) => this.#confirm(this.#membership.slotOf(key), owner),
    };
    const server = new SingleServer(source, this.#settings, this.#timer, membership);
    const node: Node = { server, lookup: this.#lookups };
    this.#nodes.set(address, node);
    return node;
  }

  /** A connection that is lost, or does not come about, may have been to a node that another has replaced. */
  #doubting(address: Address, open: OpenDriver): OpenDriver {
    return (events) => {
      const lost = () => {
        events.lost();
        if (this.#nodes.has(address)) this.doubt();
      };
      const driver = open({ ...events, lost });
      return {
        ...driver,
        connect: async () => {
          try {
            await driver.connect();
          } catch (error) {
            // Not if it was only asked who has which slot: each look would be followed by another.
            if (this.#nodes.get(address)?.lookup === this.#lookups) this.doubt();
            throw error;
          }
        },
      };
    };
  }
}
