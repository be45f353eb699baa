import type { Answer, Connected } from "../simulated-host.ts";

/** A Sentinel, by what it last heard of who the primary is. */
export class SimulatedSentinel {
  readonly #id: string;
  readonly #connections = new Set<Connected>();
  #primary = 0;
  #epoch = 0;

  constructor(id: string) {
    this.#id = id;
  }

  accepts(): boolean {
    return true;
  }

  attach(connection: Connected): void {
    this.#connections.add(connection);
  }

  detach(connection: Connected): void {
    this.#connections.delete(connection);
  }

  /** Hears that a failover has made this server the primary. What is older than what it knows changes nothing. */
  learn(primary: number, epoch: number): void {
    if (epoch <= this.#epoch) return;
    this.#primary = primary;
    this.#epoch = epoch;
  }

  receive([command = "", what = ""]: readonly string[], answer: Answer): void {
    const description = ["config-epoch", String(this.#epoch), "num-other-sentinels", "2"];
    const address = ["server", String(this.#primary)];
    const replies = new Map<string, unknown>([
      ["MASTER", description],
      ["GET-MASTER-ADDR-BY-NAME", address],
      ["MYID", this.#id],
    ]);
    const reply = command === "PING" ? "PONG" : replies.get(what);
    answer((resolve) => resolve(reply));
  }
}
