import { PROMPT } from "../network.ts";
import type { Random } from "../random.ts";
import type { Memory } from "../redis/memory.ts";
import type { ServerPlan } from "../scenario.ts";
import type { Schedule } from "../schedule.ts";
import type { Answer, Executed, Passage } from "../simulated-host.ts";
import { SimulatedServer } from "../simulated-server.ts";

/** What a server that takes part in replication is made of. */
export interface ReplicatedSettings {
  readonly number: number;
  readonly schedule: Schedule;
  readonly plan: ServerPlan;
  readonly random: Random;
  /** How long a message between two servers takes at most, in ms. */
  readonly lag: number;
  readonly onExecuted: (executed: Executed) => void;
}

/** What a primary knows of one of its replicas. */
interface Following {
  /** Over which of the replica's links it follows. */
  readonly link: number;
  /** The last write that it has confirmed. */
  confirmed: number;
}

/** A Redis server that follows another one, or takes itself for the primary. */
export class ReplicatedServer extends SimulatedServer {
  readonly #random: Random;
  #lag: number;
  #primary: ReplicatedServer | undefined;
  /** One that went elsewhere stays here, and no longer confirms. */
  readonly #replicas = new Map<ReplicatedServer, Following>();
  /** The last write that it has made or received. */
  #writes = 0;
  /** What arrives over an earlier link is ignored. */
  #link = 0;
  /** The last write that was asked for over each connection. */
  readonly #asked = new WeakMap<object, number>();
  readonly #waiting = new Set<() => void>();

  constructor({ number, schedule, plan, random, lag, onExecuted }: ReplicatedSettings) {
    super(number, schedule, plan, onExecuted);
    this.#random = random;
    this.#lag = lag;
  }

  get isReplica(): boolean {
    return this.#primary !== undefined;
  }

  /** Changes its data, and sends that to its replicas. */
  write(change: (memory: Memory) => Memory): void {
    this.redis.revise(change(this.redis.snapshot()));
    this.#onWrite();
  }

  /** From now on this replica does not hear from it, and has not noticed. */
  lose(replica: ReplicatedServer): void {
    this.#replicas.delete(replica);
  }

  /** From now on messages between servers are not delayed. */
  calm(): void {
    this.#lag = PROMPT.there;
  }

  /** Closes its connections, and takes over the data of the primary and all that it writes from then on. */
  follow(primary: ReplicatedServer): void {
    this.#reconfigure();
    this.#primary = primary;
    const following = { link: this.#link, confirmed: Number.NEGATIVE_INFINITY };
    this.#writes = following.confirmed;
    primary.#replicas.set(this, following);
    primary.#send(this, following);
  }

  /** Closes its connections, and is the primary from now on, by this replication id. */
  promote(data: string): void {
    this.#reconfigure();
    this.#primary = undefined;
    this.#writes = Math.max(0, this.#writes);
    this.redis.become(this.redis.identity.run, data, this.redis.snapshot());
  }

  /** A command arrives over this connection. */
  receiveOver(connection: object, args: readonly string[], answer: Answer, passage: Passage): void {
    this.whenAwake(() => {
      const [command = ""] = args;
      if (command === "WAIT") return this.#wait(this.#asked.get(connection) ?? 0, args, answer);
      if (command.startsWith("EVAL") && this.isReplica) return answer(refuse);
      const before = this.redis.snapshot();
      this.receive(
        args,
        (settle) => {
          if (this.redis.snapshot() !== before) this.#asked.set(connection, this.#onWrite());
          answer(settle);
        },
        passage,
      );
    });
  }

  #reconfigure(): void {
    this.#link += 1;
    this.#replicas.clear();
    this.#waiting.clear();
    this.cutOff();
  }

  #onWrite(): number {
    this.#writes += 1;
    for (const [replica, following] of this.#replicas) this.#send(replica, following);
    return this.#writes;
  }

  /** Its data travels as a whole, and the replica ignores what is older than what it has. */
  #send(replica: ReplicatedServer, following: Following): void {
    const { data } = this.redis.identity;
    const [memory, writes] = [this.redis.snapshot(), this.#writes];
    this.#transmit(replica, () => {
      if (replica.#link !== following.link || replica.#writes > writes) return;
      replica.redis.become(replica.redis.identity.run, data, memory);
      replica.#writes = writes;
      replica.#transmit(this, () => {
        following.confirmed = Math.max(following.confirmed, writes);
        for (const look of this.#waiting) look();
      });
    });
  }

  #wait(write: number, [, needed = "", patience = ""]: readonly string[], answer: Answer): void {
    const count = () =>
      [...this.#replicas.values()].filter(({ confirmed }) => confirmed >= write).length;
    const finish = () => {
      this.#waiting.delete(look);
      answer((resolve) => resolve(count()));
    };
    const look = () => {
      if (count() >= Number(needed)) finish();
    };
    this.#waiting.add(look);
    look();
    const { now } = this.schedule;
    this.schedule.add(now + Number(patience), () => {
      if (this.#waiting.has(look)) this.whenAwake(finish);
    });
  }

  #transmit(to: ReplicatedServer, arrive: () => void): void {
    const delay = this.#random.between(0, this.#lag);
    this.schedule.add(this.schedule.now + delay, () => to.whenAwake(arrive));
  }
}

const refuse: Parameters<Answer>[0] = (_, reject) => {
  const error = new Error("READONLY You can't write against a read only replica.");
  error.name = "ReplyError";
  reject(error);
};
