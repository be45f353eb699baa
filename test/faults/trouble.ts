import type { Random } from "../chaos/random.ts";
import type { RedisServer } from "../support/redis-server.ts";
import type { TcpProxy } from "../support/tcp-proxy.ts";
import { now } from "./troupe.ts";

type Condition = "up" | "down" | "frozen";

interface Victim {
  readonly server: RedisServer;
  condition: Condition;
  /** From when it may vote again: after a loss of memory it is in quarantine for a ttl. */
  soundAt: number;
}

/** What is broken; what is mended is another matter. */
const BREAKS = ["killed", "frozen", "wiped", "cut off"] as const;

/** How much later than its ttl a quarantine may end: it begins when the loss is noticed. */
const UNNOTICED = 500;

/**
 * Does things to servers, and to the links between them and single candidates, by a seed. A majority of
 * the servers is always up and not in quarantine, and all candidates but one reach all of these.
 */
export class Trouble {
  readonly counts = new Map<string, number>();
  readonly #random: Random;
  readonly #victims: readonly Victim[];
  readonly #links: readonly (readonly TcpProxy[])[];
  readonly #ttl: number;
  #isolated: readonly TcpProxy[] | undefined;

  /** `links`: for each candidate, its proxies to all servers. */
  constructor(
    random: Random,
    servers: readonly RedisServer[],
    links: readonly (readonly TcpProxy[])[],
    ttl: number,
  ) {
    this.#random = random;
    this.#victims = servers.map((server) => ({ server, condition: "up", soundAt: 0 }));
    this.#links = links;
    this.#ttl = ttl;
  }

  /** How often something was broken; what was mended does not count. */
  get faults(): number {
    return BREAKS.reduce((sum, what) => sum + (this.counts.get(what) ?? 0), 0);
  }

  /** Whether everything that can be broken has been broken at least once. */
  get hasDoneEverything(): boolean {
    return BREAKS.every((what) => this.counts.has(what));
  }

  /** Does the next thing that is allowed. */
  async next(): Promise<void> {
    const sound = this.#victims.filter(({ condition, soundAt }) => {
      return condition === "up" && now() >= soundAt;
    });
    const broken = this.#victims.filter(({ condition }) => condition !== "up");
    const mayBreak = sound.length > Math.floor(this.#victims.length / 2) + 1;
    const isLink = this.#random.fraction() < 0.25;
    if (isLink || (!mayBreak && broken.length === 0)) return this.#troubleLinks();
    const breaks = mayBreak && (broken.length === 0 || this.#random.fraction() < 0.6);
    return breaks ? this.#break(this.#one(sound)) : this.#heal(this.#one(broken));
  }

  /** Everything is up again. */
  async end(): Promise<void> {
    for (const victim of this.#victims) if (victim.condition !== "up") await this.#heal(victim);
    if (this.#isolated !== undefined) await this.#troubleLinks();
  }

  async #break(victim: Victim): Promise<void> {
    const { server } = victim;
    switch (this.#one(["kill", "freeze", "wipe"] as const)) {
      case "kill":
        this.#count("killed");
        victim.condition = "down";
        return server.kill();
      case "freeze":
        this.#count("frozen");
        victim.condition = "frozen";
        return server.pause();
      case "wipe":
        this.#count("wiped");
        victim.soundAt = now() + this.#ttl + UNNOTICED;
        await server.command("FLUSHALL");
    }
  }

  async #heal(victim: Victim): Promise<void> {
    if (victim.condition === "frozen") {
      this.#count("thawed");
      victim.server.resume();
    } else {
      this.#count("restarted empty");
      await victim.server.start();
      victim.soundAt = now() + this.#ttl + UNNOTICED;
    }
    victim.condition = "up";
  }

  /** Cuts one candidate off from some servers, or joins it to them again. */
  async #troubleLinks(): Promise<void> {
    if (this.#isolated !== undefined) {
      this.#count("joined again");
      for (const proxy of this.#isolated) {
        proxy.mode = "pass";
        proxy.cut();
      }
      this.#isolated = undefined;
      return;
    }
    this.#count("cut off");
    const mode = this.#one(["swallow", "swallow-replies"] as const);
    this.#isolated = this.#one(this.#links).filter(() => this.#random.fraction() < 0.7);
    for (const proxy of this.#isolated) proxy.mode = mode;
  }

  #one<T>(all: readonly T[]): T {
    const chosen = all[Math.floor(this.#random.fraction() * all.length)];
    if (chosen === undefined) throw new Error("nothing to choose from");
    return chosen;
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
