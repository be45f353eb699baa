import { createHash } from "node:crypto";
import { once } from "node:events";
import { Redis } from "ioredis";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import type { Replaced } from "./broken-scripts.ts";
import { pair, pairSince7 } from "./probed-scripts.ts";
import { parseState, stateScript } from "./server-state.ts";
import { keys, type RealInfo, type TwinRun } from "./twin-run.ts";

const stateDigest = createHash("sha1").update(stateScript).digest("hex");

/** A real server, and who listens on its channels. */
export class RealRun {
  readonly info: RealInfo;
  readonly #server: RedisServer;
  readonly #client: Redis;
  readonly #subscriber: Redis;
  readonly #scripts: readonly string[];
  #published: string[] = [];

  private constructor(server: RedisServer, client: Redis, subscriber: Redis, info: RealInfo) {
    this.#server = server;
    this.#client = client;
    this.#subscriber = subscriber;
    this.info = info;
    const scripts = info.version >= 7 ? [pair, pairSince7] : [pair];
    this.#scripts = scripts.map(({ probed }) => probed.text);
    subscriber.on("message", (channel, message) => this.#published.push(`${channel} ${message}`));
  }

  static async start(): Promise<RealRun> {
    const server = await startRedis();
    const client = new Redis(server.url);
    const subscriber = new Redis(server.url);
    await subscriber.subscribe("end", ...keys.map((key) => `incumbent:{${key}}`));
    const text = await client.info("server");
    const version = Number(/redis_version:(\d+)/.exec(text)?.[1]);
    // The lines that matter; all of them would be most of what is sent.
    const lines = text.match(/^.*(redis_version|run_id|redis_mode|server_mode):.*$/gm) ?? [];
    return new RealRun(server, client, subscriber, { server: lines.join("\n"), version });
  }

  async stop(): Promise<void> {
    this.#client.disconnect();
    this.#subscriber.disconnect();
    await this.#server.stop();
  }

  /**
   * Does the same to the real server, but for what is to be sent otherwise, and returns the first
   * difference, if there is one.
   */
  async differenceFrom(
    { expectations, published }: TwinRun,
    replaced: Replaced = new Map(),
  ): Promise<string | undefined> {
    const sent = (part: string) => replaced.get(part) ?? part;
    const pipeline = this.#client.pipeline().call("FLUSHALL");
    for (const script of this.#scripts) pipeline.call("SCRIPT", "LOAD", sent(script));
    let isLoaded = false;
    for (const { commands } of expectations) {
      for (const [name = "", ...args] of commands) pipeline.call(name, ...args.map(sent));
      isLoaded &&= commands.every(([name]) => name !== "SCRIPT");
      const script = isLoaded ? [stateDigest] : [stateScript];
      pipeline.call(isLoaded ? "EVALSHA" : "EVAL", ...script, String(keys.length), ...keys);
      isLoaded = true;
    }
    this.#published = [];
    const replies = (await pipeline.exec()) ?? [];
    let next = 1 + this.#scripts.length;
    for (const [index, { commands, reply, state }] of expectations.entries()) {
      next += commands.length;
      const real = textOf(replies[next - 1]);
      const realState = parseState(replies[next]?.[1]);
      next += 1;
      const history = () => expectations.slice(Math.max(0, index - 14), index + 1);
      if (reply !== undefined && real !== reply) {
        return difference(history(), "answers", reply, real);
      }
      if (realState.join() !== state.join()) {
        return difference(history(), "keeps", state.join("\n"), realState.join("\n"));
      }
    }
    const heard = await this.#heard();
    return heard.join() === published.join()
      ? undefined
      : difference(expectations, "publishes", published.join("\n"), heard.join("\n"));
  }

  async #heard(): Promise<readonly string[]> {
    const isEnd = () => this.#published.at(-1) === "end now";
    await this.#client.publish("end", "now");
    const signal = AbortSignal.timeout(10_000);
    while (!isEnd()) await once(this.#subscriber, "message", { signal });
    return this.#published.slice(0, -1);
  }
}

function textOf(result: [error: Error | null, reply: unknown] | undefined): string {
  const [error, reply] = result ?? [];
  if (!error) return JSON.stringify(reply);
  // Redis 7 adds the place in the script, Redis 6 puts it in front. Valkey 9 gives no advice.
  return error.message
    .replace(/^(NOSCRIPT No matching script\.)$/, "$1 Please use EVAL.")
    .replace(/ script: [0-9a-f]{40}, on @user_script:\d+\.$/, "")
    .replace(/^ERR Error running script .*?: (@user_script: ?\d+: )+-?/, "");
}

function difference(
  history: readonly { readonly title: string }[],
  what: string,
  simulated: string,
  real: string,
): string {
  const titles = history.map(({ title }) => title).join("\n");
  return `${titles}\n\nThe simulated server ${what}\n${simulated}\nThe real one ${what}\n${real}\n`;
}
