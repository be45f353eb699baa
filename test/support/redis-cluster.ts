import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";

/** How many hash slots a cluster has. */
const SLOTS = 16_384;

/** How long a node may be silent before the others elect a replica in its place, in ms. */
const NODE_TIMEOUT = 1000;

/** A node of a cluster. */
export interface ClusterNode extends RedisServer {
  readonly id: string;
  /** How a client that names it is redirected. */
  readonly address: string;
}

/** A Redis Cluster of one test file, on free ports of the loopback. */
export class RedisCluster {
  readonly nodes: readonly ClusterNode[];
  readonly #primaries: number;

  private constructor(nodes: readonly ClusterNode[], primaries: number) {
    this.nodes = nodes;
    this.#primaries = primaries;
  }

  /** So many primaries, each with one replica if `replicas` says so. */
  static async start({ primaries = 3, replicas = true, args = [] as readonly string[] } = {}) {
    const count = replicas ? 2 * primaries : primaries;
    const nodes = await Promise.all(Array.from({ length: count }, () => startNode(args)));
    const cluster = new RedisCluster(nodes, primaries);
    await cluster.#join();
    return cluster;
  }

  /** By which a client finds it. */
  get url(): string {
    const hosts = this.nodes.slice(0, this.#primaries).map(({ address }) => address);
    return `redis+cluster://${hosts.join(",")}`;
  }

  get addresses(): { host: string; port: number }[] {
    return this.nodes.slice(0, this.#primaries).map(({ port }) => ({ host: "127.0.0.1", port }));
  }

  async slotOf(key: string): Promise<number> {
    return Number(await this.#anyone("CLUSTER", "KEYSLOT", key));
  }

  /** The primary that has the key, as most of the nodes say that answer. */
  async ownerOf(key: string): Promise<ClusterNode> {
    const slot = await this.slotOf(key);
    const owners = await allButOne(this.nodes.map((node) => ownerBy(node, slot)));
    const known = owners.filter((id) => id !== undefined);
    const count = (id: string) => known.filter((each) => each === id).length;
    const most = known.sort((a, b) => count(b) - count(a))[0];
    const owner = this.nodes.find(({ id }) => id === most);
    if (owner === undefined) throw new Error(`no node has slot ${slot}`);
    return owner;
  }

  /** The primaries, as a node says that answers. */
  async primaries(): Promise<ClusterNode[]> {
    const lines = (await this.#anyone("CLUSTER", "NODES")).split("\n");
    const ids = lines.filter((line) => isServing(line)).map((line) => line.split(" ")[0]);
    return this.nodes.filter(({ id }) => ids.includes(id));
  }

  /** A primary that is not this one. */
  async otherThan({ id: known }: ClusterNode): Promise<ClusterNode> {
    const other = (await this.primaries()).find(({ id }) => id !== known);
    if (other === undefined) throw new Error("one primary only");
    return other;
  }

  /** The replicas of a node that answer. */
  async replicasOf({ id }: ClusterNode): Promise<ClusterNode[]> {
    const lines = (await this.#anyone("CLUSTER", "NODES")).split("\n");
    const ids = lines
      .map((line) => line.split(" "))
      .filter(([, , flags = "", of]) => of === id && !flags.includes("fail"))
      .map(([own]) => own);
    return this.nodes.filter((node) => ids.includes(node.id));
  }

  /** Moves the slot of the key, with all that it holds, as `redis-cli --cluster reshard` does. */
  async migrate(key: string, to: ClusterNode, between: () => Promise<void> = async () => {}) {
    const from = await this.ownerOf(key);
    const slot = String(await this.slotOf(key));
    await to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", from.id);
    await from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id);
    await between();
    for (;;) {
      const keys = await from.command("CLUSTER", "GETKEYSINSLOT", slot, "100");
      if (keys === "") break;
      const target = ["127.0.0.1", String(to.port), "", "0", "5000", "REPLACE", "KEYS"];
      await from.command("MIGRATE", ...target, ...keys.split("\n"));
    }
    await between();
    await to.command("CLUSTER", "SETSLOT", slot, "NODE", to.id);
    await from.command("CLUSTER", "SETSLOT", slot, "NODE", to.id);
  }

  /** Waits until another node has the slot of the key. */
  async replaced(former: ClusterNode, key: string): Promise<ClusterNode> {
    for (;;) {
      const owner = await this.ownerOf(key).catch(() => former);
      if (owner !== former) return owner;
      await sleep(25);
    }
  }

  /**
   * Has a replica take the place of the primary that has the key, in order. In Redis, a replica that was elected
   * within the last two node timeouts counts the votes of that election once more: it takes itself for elected, the
   * others refute it, and the order is lost.
   */
  async giveWay(former: ClusterNode, key: string): Promise<ClusterNode> {
    await sleep(2 * NODE_TIMEOUT);
    const [replica] = await this.replicasOf(former);
    if (replica === undefined) throw new Error("the primary has no replica");
    await replica.command("CLUSTER", "FAILOVER");
    return this.replaced(former, key);
  }

  /** Waits until every node says that this one has the slot of the key. */
  async agreeOn({ id }: ClusterNode, key: string): Promise<void> {
    const slot = await this.slotOf(key);
    const isKnown = async (node: ClusterNode) => (await ownerBy(node, slot)) === id;
    while (!(await Promise.all(this.nodes.map(isKnown))).every((known) => known)) await sleep(25);
  }

  /**
   * Waits until each node is a primary that has slots, or a replica that follows one, and all of them say so: a primary
   * overlooks the order to give way to a replica of which it does not know that it follows.
   */
  async recovered(): Promise<void> {
    await this.serves();
    for (const node of this.nodes) {
      for (;;) {
        const info = await node.command("INFO", "replication");
        if (/role:master|master_link_status:up/.test(info)) break;
        await sleep(25);
      }
    }
    while ((await this.primaries()).length !== this.#primaries) await sleep(25);
    const views = () => Promise.all(this.nodes.map(followersBy));
    while (new Set(await views()).size > 1) await sleep(25);
  }

  /** Waits until every node that answers says that all slots are served. */
  async serves(): Promise<void> {
    const isFine = async (node: ClusterNode) =>
      (await node.command("CLUSTER", "INFO").catch(() => "")).includes("cluster_state:ok");
    while (!(await Promise.all(this.nodes.map(isFine))).every((fine) => fine)) await sleep(25);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  async #join(): Promise<void> {
    const [first, ...others] = this.nodes;
    for (const [index, node] of this.nodes.entries()) {
      await node.command("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    }
    for (const [index, node] of this.nodes.slice(0, this.#primaries).entries()) {
      const [from, to] = [index, index + 1].map((part) =>
        Math.floor((part * SLOTS) / this.#primaries),
      );
      await node.command("CLUSTER", "ADDSLOTSRANGE", String(from), String((to ?? 0) - 1));
    }
    for (const node of others) {
      const bus = await node.command("CONFIG", "GET", "cluster-port");
      const place = ["127.0.0.1", String(node.port), bus.split("\n")[1] ?? ""];
      await first?.command("CLUSTER", "MEET", ...place);
    }
    for (const [index, node] of this.nodes.entries()) {
      const primary = this.nodes[index - this.#primaries];
      if (primary === undefined) continue;
      // Refused until gossip has brought the primary here.
      while (!(await node.command("CLUSTER", "REPLICATE", primary.id)).includes("OK")) {
        await sleep(25);
      }
    }
    await this.serves();
    for (const node of this.nodes.slice(this.#primaries)) {
      while (!(await node.command("INFO", "replication")).includes("master_link_status:up")) {
        await sleep(25);
      }
    }
  }

  async #anyone(...words: [string, ...string[]]): Promise<string> {
    return await Promise.any(this.nodes.map((node) => node.command(...words)));
  }
}

async function startNode(args: readonly string[]): Promise<ClusterNode> {
  const bus = await freePort();
  const timeout = ["--cluster-node-timeout", String(NODE_TIMEOUT)];
  const cluster = ["--cluster-enabled", "yes", "--cluster-port", String(bus), ...timeout];
  const options = [...cluster, "--repl-diskless-sync-delay", "0", ...args];
  const server = await startRedis(options);
  const id = await server.command("CLUSTER", "MYID");
  const start = (again: readonly string[] = []) => server.start([...options, ...again]);
  return { ...server, start, id, address: `127.0.0.1:${server.port}` };
}

/** The answers without the last, which may be of a node that is paused. */
function allButOne<Answer>(asked: readonly Promise<Answer>[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  return new Promise((resolve, reject) => {
    for (const each of asked) {
      each.then((answer) => {
        answers.push(answer);
        if (answers.length >= asked.length - 1) resolve(answers);
      }, reject);
    }
  });
}

/** Whether a line of CLUSTER NODES is of a primary that has slots. */
function isServing(line: string): boolean {
  const [, , flags = "", , , , , , slots] = line.split(" ");
  return flags.includes("master") && !flags.includes("fail") && slots !== undefined;
}

/** Which node follows which, as this one says. */
async function followersBy(node: ClusterNode): Promise<string> {
  const lines = (await node.command("CLUSTER", "NODES")).split("\n");
  const pairs = lines.map((line) => {
    const [id, , , primary] = line.split(" ");
    return `${id} ${primary}`;
  });
  return pairs.sort().join();
}

async function ownerBy(node: ClusterNode, slot: number): Promise<string | undefined> {
  const text = await node.command("CLUSTER", "NODES").catch(() => "");
  for (const line of text.split("\n").filter(isServing)) {
    const [id, , , , , , , , ...ranges] = line.split(" ");
    for (const range of ranges.filter((range) => !range.startsWith("["))) {
      const [from = "", to = from] = range.split("-");
      if (Number(from) <= slot && slot <= Number(to)) return id;
    }
  }
  return undefined;
}
