import type { Check } from "../diagnosis.ts";
import { unsent } from "../http/http-errors.ts";
import { encodeRecord } from "../observed/record-text.ts";
import type {
  Cell,
  CellListener,
  ObservedRecord,
  Register,
  Wait,
  Written,
} from "../observed/register.ts";
import { isSame } from "../observed/sighting.ts";
import { keyOfName, nameOfKey } from "../registers/key-name.ts";
import { RegisterWatches } from "../registers/register-watches.ts";
import { cellOf, nameOfWrite } from "./zookeeper-cell.ts";
import { zookeeperChecks } from "./zookeeper-diagnosis.ts";
import { damaged, refusedWith } from "./zookeeper-errors.ts";
import {
  catchUp,
  makePath,
  namesBelow,
  type Outcome,
  readNode,
  type Step,
  transact,
} from "./zookeeper-nodes.ts";
import { type Access, codes } from "./zookeeper-operations.ts";
import type { ZookeeperServers } from "./zookeeper-servers.ts";
import type { ZookeeperSession } from "./zookeeper-session.ts";
import { followNode } from "./zookeeper-watch.ts";

/** Records in ZooKeeper, each the data of one node, which lasts when its session ends. */
export class ZookeeperRegister implements Register {
  readonly #servers: ZookeeperServers;
  readonly #root: string;
  readonly #access: Access;
  readonly #watches = new RegisterWatches<Cell>();

  constructor(servers: ZookeeperServers) {
    const { root, user } = servers.settings;
    this.#servers = servers;
    this.#root = root;
    this.#access = user === undefined ? "all" : "own";
  }

  read(key: string, wait: Wait): Promise<Cell> {
    const path = this.#path(key);
    return this.#servers.ask(async (session) => {
      const behind = catchUp(session, path);
      const [node] = await Promise.all([readNode(session, path), behind]);
      return cellOf(path, node);
    }, wait);
  }

  compareAndSet(
    key: string,
    seen: Cell,
    record: ObservedRecord,
    wait: Wait,
  ): Promise<Written<Cell>> {
    const path = this.#path(key);
    const steps = stepsOf(path, seen.record, record);
    return this.#servers.ask(async (session): Promise<Written<Cell>> => {
      const { code, version } =
        seen.record === undefined
          ? await this.#transactFirst(session, steps, wait)
          : await transact(session, steps, this.#access);
      if (version !== undefined) return { written: true, cell: { version, record } };
      if (code !== codes.noNode && code !== codes.nodeExists) throw refusedWith(code, path);
      this.#watches.doubt(key, seen.version);
      const cell = await lookAgain(session, path);
      if (cell?.record !== undefined && isSame(cell, seen)) throw damaged(path);
      return { written: false, cell };
    }, wait);
  }

  watch(key: string, listener: CellListener): () => void {
    const path = this.#path(key);
    return this.#watches.begin(key, listener, (attempt) =>
      this.#servers.ask((session) => followNode(session, path, attempt), attempt),
    );
  }

  async keys(wait: Wait): Promise<string[]> {
    const names = await this.#servers.ask(async (session) => {
      const behind = catchUp(session, this.#root);
      const [found] = await Promise.all([namesBelow(session, this.#root), behind]);
      return found;
    }, wait);
    return names.map(keyOfName).filter((key) => key !== undefined);
  }

  checks(): readonly Check[] {
    return zookeeperChecks(this.#servers, this.#access);
  }

  close(): Promise<void> {
    return this.#servers.close();
  }

  /** The transaction that makes a record, and before it the nodes above if they are missing. */
  async #transactFirst(
    session: ZookeeperSession,
    steps: readonly Step[],
    wait: Wait,
  ): Promise<Outcome> {
    const outcome = await transact(session, steps, this.#access);
    if (outcome.code !== codes.noNode) return outcome;
    await makePath(session, this.#root, this.#access);
    if (wait.signal.aborted) throw unsent("ZooKeeper");
    return transact(session, steps, this.#access);
  }

  #path(key: string): string {
    return `${this.#root}/${nameOfKey(key)}`;
  }
}

/** A record is set also where it is made: that is the step whose answer has the version. */
function stepsOf(path: string, seen: ObservedRecord | undefined, record: ObservedRecord): Step[] {
  const data = encodeRecord(record);
  const before: Step =
    seen === undefined ? { create: path, data } : { delete: `${path}/${nameOfWrite(seen)}` };
  return [before, { create: `${path}/${nameOfWrite(record)}`, data: "" }, { set: path, data }];
}

/** What there is after a transaction that was refused. The session has it before the refusal. */
async function lookAgain(session: ZookeeperSession, path: string): Promise<Cell | undefined> {
  if (!session.isOpen) return undefined;
  return cellOf(path, await readNode(session, path));
}
