import type { IoredisClient } from "../../src/stores/redis/client/redis-client.ts";
import { Random } from "../random.ts";
import type { SentinelPlan } from "../scenario.ts";
import type { Schedule } from "../schedule.ts";
import type { Executed } from "../simulated-host.ts";
import { ClientOfSentinels, type Place } from "./clients.ts";
import type { Deployment, Promotion } from "./deployment.ts";
import { ReplicatedServer } from "./replicated-server.ts";
import { SimulatedSentinel } from "./simulated-sentinel.ts";

/** How many Sentinels there are. */
const SENTINELS = 3;

/** A primary, its replicas, and the Sentinels that watch over them. */
export class ReplicaSet implements Deployment {
  readonly servers: readonly ReplicatedServer[];
  readonly #sentinels = Array.from(
    { length: SENTINELS },
    (_, number) => new SimulatedSentinel(String(number)),
  );
  readonly #schedule: Schedule;
  #primary: ReplicatedServer;
  #epoch = 0;
  /** When the consequences of the last failover are over. */
  #settledAt = 0;

  constructor(
    { servers, lag }: SentinelPlan,
    seed: number,
    schedule: Schedule,
    onExecuted: (executed: Executed) => void,
  ) {
    this.#schedule = schedule;
    const random = new Random(seed, 8);
    this.servers = servers.map(
      (plan, number) =>
        new ReplicatedServer({
          ...{ number, schedule, plan, random, lag },
          // For a lease, all of them are one server.
          onExecuted: (executed) => onExecuted({ ...executed, number: 0 }),
        }),
    );
    const [primary, ...replicas] = this.servers;
    if (primary === undefined) throw new Error("The scenario has no primary.");
    this.#primary = primary;
    for (const replica of replicas) replica.follow(primary);
  }

  clientOf(place: Place, process: number): IoredisClient {
    return new ClientOfSentinels(place, process, this.servers, this.#sentinels);
  }

  calm(): void {
    for (const server of this.servers) server.calm();
  }

  isHeardBy(process: number, key: string): boolean {
    return this.#primary.isHeardBy(process, key);
  }

  /** There are no slots. */
  migrate(): boolean {
    return false;
  }

  promote({ server, former, ...times }: Promotion): boolean {
    const { now } = this.#schedule;
    const promoted = this.servers[server];
    const replaced = this.#primary;
    if (now < this.#settledAt || promoted === undefined || !promoted.isReplica) return false;
    const after = (ms: number, run: () => void) => {
      this.#settledAt = Math.max(this.#settledAt, now + ms);
      this.#schedule.add(now + ms, run);
    };
    if (former === "killed") replaced.goDown();
    if (former === "paused") replaced.freeze();
    this.#epoch += 1;
    const epoch = this.#epoch;
    this.#primary = promoted;
    promoted.promote(`d${epoch.toString(16)}`);
    for (const [index, sentinel] of this.#sentinels.entries()) {
      after(times.informed[index] ?? 0, () => sentinel.learn(server, epoch));
    }
    for (const other of this.servers) {
      if (other !== promoted && other !== replaced)
        after(times.followed, () => other.follow(promoted));
    }
    after(times.for, () => {
      if (former === "killed") replaced.comeUp("kept");
      if (former === "paused") replaced.thaw();
    });
    after(Math.max(times.for, times.demoted), () => replaced.follow(promoted));
    return true;
  }
}
