import { type Identity, serverOf } from "../../../simulation/redis/execution.ts";
import { emptyMemory, type Memory, remainingMillis } from "../../../simulation/redis/memory.ts";
import type { Rules } from "../../../simulation/redis/script-catalogue.ts";
import { SimulatedRedis } from "../../../simulation/redis/simulated-redis.ts";
import type { Happening, History, ScriptedCall, ScriptedRequest } from "./happenings.ts";
import { pair, pairSince7, probeArguments, type Script } from "./probed-scripts.ts";
import { groupsOf, isShort, type OtherRequest, type RequestGroup } from "./request-groups.ts";
import { type ServerState, stateOf } from "./server-state.ts";

export const keys = ["a", "b", "c", "stamp"] as const;
const STAMP = "stamp";

/** What the real server says of itself, in which the test writes its own run_id and mode. */
export interface RealInfo {
  readonly server: string;
  readonly version: number;
}

/** One thing that was done to the simulated server, and what has to come of it on a real one. */
export interface Expectation {
  /** For people: what happened. */
  readonly title: string;
  /** What does the same to the real server; the last one's reply is compared. */
  readonly commands: readonly (readonly string[])[];
  /** Nothing where the reply is no matter. */
  readonly reply: string | undefined;
  readonly state: ServerState;
}

export interface TwinRun {
  readonly expectations: readonly Expectation[];
  readonly published: readonly string[];
}

const texts = [pair, pairSince7];

type Of<Type extends Happening["type"]> = Extract<Happening, { type: Type }>;

/** Plays a history on the simulated server and writes down what a real one has to do. */
export class TwinPlayer {
  readonly #info: RealInfo;
  readonly #twin: SimulatedRedis;
  readonly #expectations: Expectation[] = [];
  readonly #published: string[] = [];
  /** The digests that the real server knows. */
  readonly #loaded = new Set(texts.map(({ original }) => original.digest));
  #now = 1_700_000_000_000_000;
  #runs = 0;
  #earlierRun = "none";
  #commands: (readonly string[])[] = [];
  #snapshot: Memory = emptyMemory;

  constructor(info: RealInfo, mode: Identity["mode"], rules: Rules) {
    this.#info = info;
    this.#twin = new SimulatedRedis({ run: "a0", version: info.version, mode, rules });
    this.#twin.onPublish = (channel, message) => this.#published.push(`${channel} ${message}`);
  }

  play({ happenings }: History): TwinRun {
    for (const happening of happenings) {
      this.#expireOnRealServer();
      const reply = this.#play(happening);
      this.#expect(`@${this.#now} ${JSON.stringify(happening)}`, reply);
    }
    return { expectations: this.#expectations, published: this.#published };
  }

  #expect(title: string, reply: string | undefined): void {
    const state = stateOf(this.#twin.snapshot(), keys);
    this.#expectations.push({ title, commands: this.#commands, reply, state });
    this.#commands = [];
  }

  #play(happening: Happening): string | undefined {
    switch (happening.type) {
      case "call":
        return this.#call(happening);
      case "tick":
        this.#now += happening.by;
        return undefined;
      case "restart":
        return this.#restart(happening);
      case "become":
        return this.#become(happening);
      case "snapshot":
        this.#snapshot = this.#twin.snapshot();
        this.#real(["EVAL", copyScript, "4", ...keys]);
        return undefined;
      case "evicts":
        this.#twin.setEviction(happening.evicts);
        return undefined;
      case "forget-scripts":
        this.#loaded.clear();
        return this.#both("SCRIPT", "FLUSH");
      case "flush":
        this.#twin.execute(["FLUSHALL"], this.#now);
        this.#real(["DEL", ...keys]);
        return undefined;
      case "delete":
        return this.#both("DEL", keyOf(happening));
      case "delete-stamp":
        return this.#both("DEL", STAMP);
      case "stamp-of-another-type":
        return this.#both("SET", STAMP, "text");
      case "redlock":
        return this.#redlock(happening);
      case "list":
        this.#both("DEL", keyOf(happening));
        return this.#both("RPUSH", keyOf(happening), "x");
      case "foreign-hash":
        this.#both("DEL", keyOf(happening));
        return this.#both("HSET", keyOf(happening), "nonce", "of somebody", "exp", "9e15");
    }
  }

  #call(call: ScriptedCall): string {
    const { identity } = this.#twin;
    const runs = {
      right: call.guarded ? serverOf(identity) : "unguarded",
      earlier: this.#earlierRun,
      none: "",
    };
    const requests: readonly ScriptedRequest[] = call.requests;
    const named = requests.map(keyOf);
    const stamp = call.stamped && identity.mode === "standalone" ? [STAMP] : [];
    const introduces = requests.some(({ type }) => type !== "release" && type !== "read");
    const args = [
      ...[String(named.length), runs[call.run]],
      introduces ? String(Number(call.guarded)) : "",
      String(call.quarantine),
      call.elsewhere === undefined ? "" : String(call.elsewhere),
      ...["0", ""],
      ...groupsOf(requests).flatMap((group) => this.#argumentsOfGroup(group)),
    ];
    return this.#script(call, [...named, ...stamp], args);
  }

  #argumentsOfGroup(group: RequestGroup): string[] {
    if (!isShort(group)) return this.#argumentsOf(group[0]);
    const [{ type, notAfter, ttl }] = group;
    const nonces = group.map((renewal) => this.#nonce(renewal));
    return [type, String(group.length), String(this.#now + notAfter), String(ttl), ...nonces];
  }

  #argumentsOf(request: OtherRequest): string[] {
    const { type } = request;
    if (type === "release") return [type, this.#nonce(request), request.quiet ? "" : "1"];
    if (type === "read" || type === "introduce") return [type];
    const token = String(Math.max(0, this.#origin(request) + request.by));
    const ballot = type === "acquire" ? token : "join";
    return [
      ...[type, String(this.#now + request.notAfter), this.#nonce(request)],
      ...[`node-${request.node}`, request.node === 0 ? "" : 'metadata, of "node" 1: ü'],
      ...[String(request.ttl), token, request.several ? ballot : ""],
    ];
  }

  #origin(request: Extract<ScriptedRequest, { from: unknown }>): number {
    if (request.from === "clock") return this.#now;
    return request.from === "token" ? Number(this.#stored(request, "token") ?? 0) : 0;
  }

  #nonce(request: Extract<ScriptedRequest, { nonce: unknown }>): string {
    return (request.nonce === "holder" && this.#stored(request, "nonce")) || request.nonce;
  }

  #stored(named: { readonly key: number }, field: string): string | undefined {
    const value = this.#twin.snapshot().get(keyOf(named));
    return value?.type === "hash" ? value.fields[field] : undefined;
  }

  /** By its digest, and by its text if the server does not know that; as the store does it. */
  #script(
    { since7, text }: ScriptedCall,
    named: readonly string[],
    args: readonly string[],
  ): string {
    const { original, probed } = since7 && this.#info.version >= 7 ? pairSince7 : pair;
    const rest = [String(named.length), ...named, ...args];
    const { identity } = this.#twin;
    const memory = this.#twin.snapshot();
    const probes = probeArguments({
      micros: this.#now,
      server: infoOf(this.#info.server, identity),
      replication: `role:master\r\nmaster_replid:${identity.data}\r\nmaster_replid2:${"0".repeat(40)}`,
      memory: `maxmemory_policy:${identity.evicts ? "allkeys-lru" : "volatile-lru"}`,
      pttl: Object.fromEntries(named.map((key) => [key, remainingMillis(memory, key, this.#now)])),
    });
    const call = (way: "EVAL" | "EVALSHA") => {
      const part: keyof Script = way === "EVAL" ? "text" : "digest";
      this.#real([way, probed[part], ...rest, ...probes]);
      return this.#twinReply([way, original[part], ...rest]);
    };
    const isLoaded = this.#loaded.has(original.digest);
    if (!isLoaded || text) this.#loaded.add(original.digest);
    const reply = call(text ? "EVAL" : "EVALSHA");
    if (!reply.startsWith("NOSCRIPT")) return reply;
    // The simulated server was restarted. The real one was not, for to forget its scripts takes it long.
    if (isLoaded) return this.#twinReply(["EVAL", original.text, ...rest]);
    this.#expect("(by its digest)", reply);
    return call("EVAL");
  }

  #restart({ memory }: Of<"restart">): undefined {
    this.#earlierRun = serverOf(this.#twin.identity);
    this.#runs += 1;
    const memories = { kept: this.#twin.snapshot(), lost: emptyMemory, older: this.#snapshot };
    this.#twin.restart(`a${this.#runs}`, memories[memory]);
    this.#bringBack(memory);
  }

  /** Another machine takes over, or the one before it again: promoted, or as it was. */
  #become({ memory, run, data }: Of<"become">): undefined {
    this.#earlierRun = serverOf(this.#twin.identity);
    const memories = { kept: this.#twin.snapshot(), lost: emptyMemory, older: this.#snapshot };
    this.#twin.become(`b${run}`, `c${data}`, memories[memory]);
    this.#bringBack(memory);
  }

  #bringBack(memory: "kept" | "lost" | "older"): void {
    if (memory !== "kept") this.#real(["DEL", ...keys]);
    if (memory === "older") this.#real(["EVAL", restoreScript, "4", ...keys]);
  }

  #redlock({ expiry, ...named }: Of<"redlock">): string {
    const set = ["SET", keyOf(named), "value of a lock"];
    // The real server's own clock must not end it: the test does, by the simulated one.
    this.#real(expiry === undefined ? set : [...set, "PX", "3600000"]);
    return this.#twinReply(expiry === undefined ? set : [...set, "PX", String(expiry)]);
  }

  #expireOnRealServer(): void {
    for (const [key, value] of this.#twin.snapshot()) {
      if (value.type !== "string" || value.expiresAt === undefined) continue;
      if (Math.floor(this.#now / 1000) > value.expiresAt) this.#real(["DEL", key]);
    }
    // Any command makes the simulated one notice it.
    this.#twin.execute(["PING"], this.#now);
  }

  #both(...command: readonly string[]): string {
    this.#real(command);
    return this.#twinReply(command);
  }

  #real(command: readonly string[]): void {
    this.#commands.push(command);
  }

  #twinReply(command: readonly string[]): string {
    try {
      return JSON.stringify(this.#twin.execute(command, this.#now));
    } catch (error) {
      if (error instanceof Error && error.name === "ReplyError") return error.message;
      throw error;
    }
  }
}

const copyScript = `
for _, key in ipairs(KEYS) do
  redis.call('DEL', 'snapshot:' .. key)
  if redis.call('EXISTS', key) == 1 then redis.call('COPY', key, 'snapshot:' .. key) end
end`;

const restoreScript = `
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', 'snapshot:' .. key) == 1 then
    redis.call('COPY', 'snapshot:' .. key, key, 'REPLACE')
  end
end`;

function infoOf(real: string, { run, mode }: Identity): string {
  return real
    .replace(/run_id:\w+/, `run_id:${run}`)
    .replace(/(redis|server)_mode:\w+/, `$1_mode:${mode}`);
}

function keyOf({ key }: { readonly key: number }): string {
  return keys[key] ?? "a";
}
