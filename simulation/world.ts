import type { LeaseStore } from "../src/stores/lease-store.ts";
import { RedisStore } from "../src/stores/redis/redis-store.ts";
import { RedisQuorumStore } from "../src/stores/redis-quorum/redis-quorum-store.ts";
import { Candidate } from "./candidate.ts";
import { Invariants } from "./invariants.ts";
import { Journal } from "./journal.ts";
import { MachineClocks } from "./machine-clocks.ts";
import { Network } from "./network.ts";
import { asExecuted } from "./observed/as-executed.ts";
import { connectToRegister } from "./observed/connect.ts";
import type { RegisterClient } from "./observed/register-client.ts";
import { SimulatedRegister } from "./observed/simulated-register.ts";
import { Random } from "./random.ts";
import { SimulatedCluster } from "./replicated/cluster/simulated-cluster.ts";
import type { Deployment } from "./replicated/deployment.ts";
import { ReplicaSet } from "./replicated/replica-set.ts";
import type { CandidatePlan, Scenario } from "./scenario.ts";
import { Schedule } from "./schedule.ts";
import { SimulatedClient } from "./simulated-client.ts";
import type { Executed, SimulatedHost } from "./simulated-host.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { SimulatedServer } from "./simulated-server.ts";
import { connectToMysql } from "./sql/mysql/connect.ts";
import { connectToPostgres } from "./sql/postgres/connect.ts";
import { SimulatedDatabase } from "./sql/simulated-database.ts";
import { Verdict } from "./verdict.ts";

/** A process with its candidates and clients. */
export interface Household {
  readonly process: SimulatedProcess;
  readonly candidates: readonly Candidate[];
}

/** The servers, the processes and the network between them, made from a scenario. */
export class World {
  readonly scenario: Scenario;
  readonly schedule = new Schedule();
  readonly journal: Journal;
  readonly network: Network;
  readonly verdict: Verdict;
  /** The checks of each election. */
  readonly elections: readonly Invariants[];
  readonly servers: readonly SimulatedHost[];
  /** The only server, if it has an SQL database. */
  readonly database: SimulatedDatabase | undefined;
  readonly #redis: readonly SimulatedServer[];
  /** The servers, if some of them follow others. */
  readonly replicas: Deployment | undefined;
  /** What stands in the place of the servers, in a scenario that has it. */
  readonly register: SimulatedRegister | undefined;
  /** The processes in which something has just happened. */
  entered: Household | undefined;
  /** Whether candidates that have stopped start again: in the calm phase, but not at the end. */
  phase: "trouble" | "calm" | "end" = "trouble";
  readonly #machines: readonly MachineClocks[];
  readonly #households: Household[];
  readonly #births: number[] = [];
  /** The client of each process in its present life. */
  readonly #registerClients: RegisterClient[] = [];
  /** Every candidate that there was, with the checks of its election. */
  readonly #checksOf = new Map<Candidate, Invariants>();

  constructor(scenario: Scenario, records: boolean) {
    this.scenario = scenario;
    this.journal = new Journal(this.schedule, records);
    this.network = new Network(scenario, records);
    this.verdict = new Verdict(this.schedule, this.journal);
    const last = Math.max(...scenario.candidates.map(electionOf));
    const isCluster = scenario.cluster !== undefined;
    this.elections = Array.from({ length: last + 1 }, (_, n) => {
      return new Invariants(keyOf(n, isCluster), this);
    });
    const byKey = new Map(this.elections.map((election) => [election.key, election]));
    const onExecuted = (done: Executed) => byKey.get(done.request.keys[0] ?? "")?.executed(done);
    this.database = this.#serveDatabase(scenario, onExecuted);
    this.replicas = this.#replicate(scenario, onExecuted);
    const isPlain = this.database === undefined && this.replicas === undefined;
    this.#redis = isPlain
      ? scenario.servers.map(
          (plan, number) => new SimulatedServer(number, this.schedule, plan, onExecuted),
        )
      : [];
    this.servers = this.database ? [this.database] : (this.replicas?.servers ?? this.#redis);
    this.register =
      scenario.register &&
      new SimulatedRegister(this.schedule, (replaced) => onExecuted(asExecuted(replaced)));
    if (scenario.register?.isFounded === true) {
      for (const { key } of this.elections) this.register?.found(key);
    }
    this.#machines = scenario.processes.map(
      ({ rate }, index) => new MachineClocks(rate, 1000 * (index + 1)),
    );
    this.#households = scenario.processes.map((_, index) => this.#found(index));
  }

  household(process: number): Household {
    const found = this.#households[process];
    if (found === undefined) throw new Error(`The scenario has no process ${process}.`);
    return found;
  }

  server(index: number): SimulatedHost {
    const found = this.servers[index];
    if (found === undefined) throw new Error(`The scenario has no server ${index}.`);
    return found;
  }

  /** The checks of an election. */
  election(index: number): Invariants {
    const found = this.elections[index];
    if (found === undefined) throw new Error(`The scenario has no election ${index}.`);
    return found;
  }

  /** Whether the process hears of what happens to the election with this key, from every server. */
  isHeardBy(process: number, key: string): boolean {
    if (this.register !== undefined) return this.#registerClients[process]?.hears(key) ?? false;
    const heard = this.replicas === undefined ? this.servers : [this.replicas];
    return heard.every((server) => server.isHeardBy(process, key));
  }

  /** A server may have lost data. */
  memoryChanged(): void {
    for (const election of this.elections) election.memoryChanged();
  }

  get households(): readonly Household[] {
    return this.#households;
  }

  /** The candidate with this index, in the present life of its process. */
  candidate(index: number): Candidate | undefined {
    const plan = this.scenario.candidates[index];
    if (plan === undefined) return undefined;
    const siblings = this.scenario.candidates.filter(({ process }) => process === plan.process);
    return this.household(plan.process).candidates[siblings.indexOf(plan)];
  }

  /** Kills the process. */
  kill(process: number): void {
    const { process: dead, candidates } = this.household(process);
    dead.kill();
    for (const server of this.servers) server.forget(process);
    this.register?.forget(process);
    for (const candidate of candidates) this.#checksOf.get(candidate)?.remove(candidate);
  }

  /** Starts another process in its place, on the same machine. */
  revive(process: number): Household {
    const born = this.#found(process);
    this.#households[process] = born;
    return born;
  }

  /** Checks what must be true after an event in these candidates' process. */
  check(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) this.#checksOf.get(candidate)?.check(candidate);
  }

  /** Releases everything that the real event loop refers to. */
  release(): void {
    for (const candidate of this.#checksOf.keys()) candidate.release();
  }

  #found(index: number): Household {
    const { scenario, schedule, journal } = this;
    const machine = this.#machines[index];
    if (machine === undefined) throw new Error(`The scenario has no process ${index}.`);
    const life = this.#births[index] ?? 0;
    this.#births[index] = life + 1;
    const random = new Random(scenario.seed, 2, index, life);
    const process = new SimulatedProcess(schedule, machine, random);
    const onStopped = (candidate: Candidate) => {
      if (this.phase === "calm")
        schedule.add(schedule.now, () => process.enter(() => candidate.start()));
    };
    const store = this.#connect(process, index);
    const candidates: Candidate[] = [];
    for (const [number, plan] of scenario.candidates.entries()) {
      if (plan.process !== index) continue;
      const name = `${nameOf(number)}${life === 0 ? "" : life + 1}`;
      const { timing, seed } = scenario;
      const nonces = new Random(seed, 3, number, life);
      const invariants = this.election(electionOf(plan));
      const around = {
        name,
        key: invariants.key,
        process,
        random,
        nonces,
        store,
        timing,
        journal,
        watchers: invariants,
        onStopped,
      };
      const candidate = new Candidate(plan, around);
      candidates.push(candidate);
      this.#checksOf.set(candidate, invariants);
      invariants.add(candidate);
    }
    const household = { process, candidates };
    process.onEnter = () => {
      this.entered = household;
    };
    process.onBlock = () => {
      for (const candidate of candidates) candidate.onBlock();
    };
    return household;
  }

  #serveDatabase(
    { database, servers, second, seed, timing, troubleEnds }: Scenario,
    onExecuted: (done: Executed) => void,
  ): SimulatedDatabase | undefined {
    const [plan] = servers;
    if (database === undefined || plan === undefined) return undefined;
    const random = new Random(seed, 7);
    const stall = () => {
      const left = troubleEnds - this.schedule.now;
      return left > 0 && random.chance(0.1) ? Math.min(left, random.between(0, timing.ttl)) : 0;
    };
    const events = { stall, onExecuted, longestBelief: 1.25 * timing.ttl };
    return new SimulatedDatabase(database, this.schedule, plan, events, second);
  }

  #replicate(
    { sentinel, cluster, seed }: Scenario,
    onExecuted: (done: Executed) => void,
  ): Deployment | undefined {
    if (sentinel !== undefined) return new ReplicaSet(sentinel, seed, this.schedule, onExecuted);
    if (cluster === undefined) return undefined;
    const keys = this.elections.map(({ key }) => key);
    return new SimulatedCluster(cluster, keys, seed, this.schedule, onExecuted);
  }

  /** Makes a store for this process, on the only server or on all of them. */
  #connect(process: SimulatedProcess, index: number): LeaseStore {
    const { schedule, network, register } = this;
    if (register !== undefined && this.scenario.register !== undefined) {
      const place = { schedule, network, process, register, number: index };
      const { client, store } = connectToRegister(place, this.scenario.register);
      this.#registerClients[index] = client;
      return store;
    }
    if (this.database !== undefined) {
      const { database: server } = this;
      const wiring = { schedule, network, process, server, link: [index, 0] } as const;
      return this.scenario.database === "mysql"
        ? connectToMysql(wiring)
        : connectToPostgres(wiring);
    }
    const store = this.#connectToRedis(process, index);
    if (this.scenario.examines !== true)
      Object.defineProperty(store, "diagnose", { value: undefined });
    return store;
  }

  #connectToRedis(process: SimulatedProcess, index: number): RedisStore | RedisQuorumStore {
    const { schedule, network, replicas } = this;
    if (replicas !== undefined) {
      const { minReplicas } = this.scenario.sentinel ?? this.scenario.cluster ?? {};
      const client = replicas.clientOf({ schedule, network, process }, index);
      const clock = { now: () => process.clocks.monotonicAt(process.time) };
      return new RedisStore(client, { minReplicas }, process.after, clock);
    }
    const clients = this.#redis.map((server, number) => {
      const wiring = { schedule, network, process, server, link: [index, number] } as const;
      return new SimulatedClient(wiring);
    });
    const [only] = clients;
    return only !== undefined && clients.length === 1
      ? new RedisStore(only, {}, process.after)
      : new RedisQuorumStore(clients, {}, process.after);
  }
}

/** The key of the election with this number. In a cluster, every other one has the slot of the first. */
export function keyOf(election: number, isCluster = false): string {
  if (election === 0) return "simulated";
  return isCluster && election % 2 === 1 ? `{simulated}-${election}` : `simulated-${election}`;
}

function electionOf({ election = 0 }: CandidatePlan): number {
  return election;
}

/** a, b, c … */
function nameOf(candidate: number): string {
  return String.fromCharCode("a".charCodeAt(0) + candidate);
}
