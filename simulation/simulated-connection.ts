import type { Network } from "./network.ts";
import type { Schedule } from "./schedule.ts";
import type { Answer, Connected, Passage } from "./simulated-host.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

type Listener = (...values: never[]) => void;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** What connections lead to. */
interface Reachable {
  accepts(): boolean;
  attach(connection: Connected): void;
  detach(connection: Connected): void;
}

/** The network and the server of a client. */
export interface Wiring<Server extends Reachable> {
  readonly schedule: Schedule;
  readonly network: Network;
  readonly process: SimulatedProcess;
  readonly server: Server;
  /** The numbers by which the network identifies the process and the server. */
  readonly link: readonly [process: number, server: number];
}

const CONNECT_TIMEOUT = 2000;

/** Shorter than the 1 s of a real client, as all times in the simulation are. */
export const RETRANSMISSION = 250;

/** What the connections of all clients have: how they come about, carry requests, and end. */
export abstract class SimulatedConnection<Server extends Reachable> implements Connected {
  status = "wait";
  protected readonly wiring: Wiring<Server>;
  readonly #listeners = new Map<string, Listener[]>();
  readonly #pending = new Set<Pending>();
  /** The number of the connection. Messages of earlier connections are ignored. */
  #connection = 0;

  constructor(wiring: Wiring<Server>) {
    this.wiring = wiring;
  }

  get processNumber(): number {
    return this.wiring.link[0];
  }

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  off(event: string, listener: Listener): void {
    const rest = this.#listeners.get(event)?.filter((other) => other !== listener) ?? [];
    this.#listeners.set(event, rest);
  }

  connect(): Promise<void> {
    const { schedule, process } = this.wiring;
    this.status = "connecting";
    const connection = this.#connection;
    const isAwaited = () => this.#connection === connection && this.status === "connecting";
    this.#knock(process.time, isAwaited);
    schedule.add(process.time + CONNECT_TIMEOUT, () =>
      process.enter(() => isAwaited() && this.#fail("connect ETIMEDOUT")),
    );
    return new Promise((resolve, reject) => {
      this.on("ready", () => resolve());
      this.on("close", () => reject(new Error("Connection is closed.")));
    });
  }

  disconnect(): void {
    if (this.status !== "end") this.#lose();
  }

  /** Delivers what the server sends by itself: a hint, which may be lost, late or repeated. */
  protected deliver(event: string, ...values: unknown[]): void {
    const { schedule, network, process, link } = this.wiring;
    const connection = this.#connection;
    const { there, again } = network.fate(link[0]);
    const arrive = () => {
      if (network.isCut(...link)) return;
      process.enter(() => {
        if (this.#connection === connection) this.#emit(event, ...values);
      });
    };
    if (there !== undefined) schedule.add(schedule.now + there, arrive);
    if (again !== undefined) schedule.add(schedule.now + again, arrive);
  }

  /** The server, or something in between, closes the connection. */
  cut(): void {
    const { process } = this.wiring;
    const connection = this.#connection;
    process.enter(() => {
      if (this.#connection !== connection || this.status !== "ready") return;
      this.#lose();
    });
  }

  /** Sends the first packet of a connection, which TCP repeats if there is no answer in time. */
  #knock(time: number, isAwaited: () => boolean): void {
    const { schedule, network, process, server, link } = this.wiring;
    const { there = Number.POSITIVE_INFINITY, back = Number.POSITIVE_INFINITY } = network.fate(
      link[0],
    );
    const knockAgain = () => {
      if (isAwaited() && !process.isDead) this.#knock(schedule.now, isAwaited);
    };
    if (there + back > RETRANSMISSION) {
      schedule.add(time + RETRANSMISSION, knockAgain);
      return;
    }
    schedule.add(time + there, () => {
      if (!isAwaited() || process.isDead) return;
      if (network.isCut(...link)) {
        schedule.add(time + RETRANSMISSION, knockAgain);
        return;
      }
      const isOpen = server.accepts();
      schedule.add(schedule.now + back, () =>
        process.enter(() => {
          if (!isAwaited()) return;
          if (isOpen) this.#onConnected();
          else this.#fail("connect ECONNREFUSED");
        }),
      );
    });
  }

  #onConnected(): void {
    this.status = "ready";
    this.wiring.server.attach(this);
    this.#emit("ready");
  }

  protected request(receive: (answer: Answer, passage: Passage) => void): Promise<unknown> {
    if (this.status !== "ready") {
      return Promise.reject(new Error("Stream isn't writeable and enableOfflineQueue is false"));
    }
    const { schedule, network, process, link } = this.wiring;
    return new Promise((resolve, reject) => {
      const pending = { resolve, reject };
      this.#pending.add(pending);
      const { there, back, again } = network.fate(link[0]);
      const { time: sentAt } = process;
      const arrive = (isRepeat: boolean) => {
        if (network.isCut(...link)) return;
        receive(
          (settle) => {
            if (back === undefined) return;
            schedule.add(schedule.now + back, () => {
              if (network.isCut(...link)) return;
              process.enter(() => {
                if (this.#pending.delete(pending)) settle(resolve, reject);
              });
            });
          },
          { from: link[0], sentAt, isRepeat },
        );
      };
      if (there !== undefined) schedule.add(sentAt + there, () => arrive(false));
      if (again !== undefined) schedule.add(sentAt + (there ?? 0) + again, () => arrive(true));
    });
  }

  /** What sets a connection up, which TCP repeats as long as there is no answer. Carrying it out twice does no harm. */
  protected insist(receive: (answer: Answer) => void): Promise<unknown> {
    const { schedule, process } = this.wiring;
    let isOver = false;
    return new Promise<unknown>((resolve, reject) => {
      const attempt = () => {
        if (isOver || process.isDead || this.status !== "ready") return;
        this.request(receive).then(resolve, reject);
        schedule.add(process.time + RETRANSMISSION, attempt);
      };
      attempt();
    }).finally(() => {
      isOver = true;
    });
  }

  #fail(text: string): void {
    this.#emit("error", new Error(text));
    if (this.status === "connecting") this.#lose();
  }

  #lose(): void {
    this.status = "end";
    this.#close();
  }

  #close(): void {
    this.wiring.server.detach(this);
    this.#connection += 1;
    const lost = [...this.#pending];
    this.#pending.clear();
    for (const { reject } of lost) reject(new Error("Connection is closed."));
    this.#emit("close");
  }

  #emit(event: string, ...values: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? [])
      Reflect.apply(listener, undefined, values);
  }
}
