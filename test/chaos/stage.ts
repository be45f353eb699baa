import { join } from "node:path";
import { type Message, now } from "../faults/candidate-process.ts";
import { startProxy } from "../support/tcp-proxy.ts";
import type { ChaosStore } from "./chaos-store.ts";
import { Chronicle, Diary } from "./chronicle.ts";
import { Judge } from "./judge.ts";
import { type Audience, type Casting, Seat } from "./seat.ts";
import type { Servers } from "./servers.ts";

/** Said too often to be written down. */
const ROUTINE = ["renewed", "echo"];

/** How long a process may take from its beginning to its first line, in ms: that is up to the machine. */
const BIRTH = 60_000;

type Ear = (name: string, message: Message) => void;

/** Five candidates, each behind a proxy of its own, their servers, and who watches them. */
export class Stage implements Audience {
  readonly servers: Servers;
  readonly judge = new Judge();
  readonly chronicle: Chronicle;
  readonly #diary: Diary;
  readonly #seats: Seat[] = [];
  readonly #ears = new Set<Ear>();
  #leader: string | undefined;

  constructor(servers: Servers, folder: string) {
    this.servers = servers;
    this.chronicle = new Chronicle(join(folder, "events"), now());
    this.#diary = new Diary(join(folder, "diary"));
  }

  get seats(): readonly Seat[] {
    return this.#seats;
  }

  /** Who was last heard to lead. */
  get leader(): Seat | undefined {
    return this.#seats.find(({ candidate }) => candidate.name === this.#leader);
  }

  /** A candidate for each of the clients. */
  async enter(clients: readonly string[], casting: Omit<Casting, "diary">): Promise<void> {
    for (const [index, client] of clients.entries()) {
      const { port } = this.servers;
      const proxy = port === undefined ? undefined : await startProxy(port);
      const address = this.servers.address(client, proxy?.port);
      const given = { ...casting, diary: this.#diary.path };
      this.#seats.push(new Seat(`c${index}`, address, proxy, given, this));
    }
  }

  /** All candidates are led to another server. */
  moveTo(port: number): void {
    for (const { proxy } of this.#seats) {
      if (proxy === undefined) continue;
      proxy.target = port;
      proxy.cut();
    }
  }

  hear(name: string, message: Message): void {
    const { type, at, ...rest } = message;
    if (!ROUTINE.includes(type)) this.chronicle.note(at, name, `${type} ${JSON.stringify(rest)}`);
    if (type === "elected" || type === "renewed") this.#leader = name;
    this.judge.hear(name, message);
    for (const ear of [...this.#ears]) ear(name, message);
  }

  killed(name: string): void {
    this.note(`${name} was killed`);
    this.judge.killed(name);
  }

  fell(name: string, how: string): void {
    this.judge.report(`${name} ended: ${how}`);
  }

  note(what: string): void {
    this.chronicle.note(now(), "-", what);
  }

  /** When a candidate said something of the kind; rejects after `patience` ms. */
  heard(what: string, isIt: (name: string, message: Message) => boolean, patience: number) {
    return new Promise<number>((resolve, reject) => {
      const ear: Ear = (name, message) => {
        if (!isIt(name, message)) return;
        clearTimeout(timer);
        this.#ears.delete(ear);
        resolve(message.at);
      };
      const timer = setTimeout(() => {
        this.#ears.delete(ear);
        reject(new Error(`${what}: not within ${patience} ms`));
      }, patience);
      this.#ears.add(ear);
    });
  }

  /** When the store has confirmed a leader after `moment`. */
  leaderAfter(moment: number, patience: number): Promise<number> {
    return this.heard(
      "a leader",
      (_, { type, at }) => at > moment && (type === "elected" || type === "renewed"),
      patience,
    );
  }

  /** Undoes all that was done to the candidates. */
  heal(): void {
    for (const { candidate, proxy } of this.#seats) {
      candidate.signal("SIGCONT");
      if (proxy === undefined) continue;
      proxy.mode = "pass";
      proxy.delay = 0;
      proxy.letGo();
    }
  }

  /** Has every candidate answer, reads what was written, and gives the verdict on all of it. */
  async review(patience: number): Promise<string[]> {
    const lines = [...this.#diary.read()];
    const echoes = this.#seats.map(async (seat) => {
      const { candidate } = seat;
      const echo = (name: string, { type }: Message) => name === candidate.name && type === "echo";
      const { name, messages } = candidate;
      const isBorn = messages.some(({ type }) => type === "started");
      const within = isBorn ? patience : BIRTH;
      const answered = this.heard(
        `an answer of ${name}, which has ${isBorn ? "" : "not "}started`,
        echo,
        within,
      );
      seat.tell("echo");
      await answered;
    });
    for (const echo of await Promise.allSettled(echoes)) {
      if (echo.status === "rejected") this.judge.report(String(echo.reason));
    }
    for (const line of lines) this.judge.read(line);
    return this.judge.takeViolations();
  }

  async clear(): Promise<void> {
    await Promise.all(this.#seats.map((seat) => seat.leave()));
    await this.servers.stop();
    await this.chronicle.close();
  }
}

/** On servers of its own, which end with it. */
export async function setStage(
  { clients, start }: ChaosStore,
  folder: string,
  casting: Omit<Casting, "diary">,
): Promise<Stage> {
  const stage = new Stage(await start(), folder);
  await stage.enter(clients, casting);
  return stage;
}
