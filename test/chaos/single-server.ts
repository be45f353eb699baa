import { setTimeout as sleep } from "node:timers/promises";
import { drawDuration, type Fault, faultsOf } from "./fault.ts";
import type { Random } from "./random.ts";
import type { Servers } from "./servers.ts";

/** A server that a test has started. */
interface Server {
  readonly port: number;
  /** It answers nothing until `resume`, and keeps its connections. */
  pause(): void;
  resume(): void;
  /** Ends it as a crash does, and waits until it has gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what it has written. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Candidates that are all elected by one server. */
export abstract class SingleServer<Own extends Server = Server> implements Servers {
  /** The one that elects now. */
  server: Own;

  constructor(server: Own) {
    this.server = server;
  }

  get port(): number {
    return this.server.port;
  }

  abstract address(client: string, port: number | undefined): object;

  /** Crashes, and comes back with what it has written. */
  async restart(whileDown: () => unknown = () => {}): Promise<void> {
    await this.server.kill();
    await whileDown();
    await this.server.start();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

/** Draws for how long a server stands still. */
export function drawPause(chance: Random) {
  const duration = drawDuration(chance);
  return async (server: Pick<Server, "pause" | "resume">) => {
    server.pause();
    await sleep(duration);
    server.resume();
  };
}

const server = faultsOf<SingleServer>(SingleServer);

/** What can happen to every server. */
export const singleServerFaults: readonly Fault[] = [
  server("server: SIGSTOP, SIGCONT", (chance) => {
    const pause = drawPause(chance);
    return (servers) => pause(servers.server);
  }),
  server("restart with its data", () => (servers) => servers.restart()),
  server("down for a while", (chance) => {
    const duration = drawDuration(chance);
    return (servers) => servers.restart(() => sleep(duration));
  }),
];
