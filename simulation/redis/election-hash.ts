import { ErrorReply, type Execution, WRONG_TYPE } from "./execution.ts";
import { type Hash, remainingMillis } from "./memory.ts";

/** The election at KEYS[1] as the scripts see it, with times in µs. A script modifies it. */
export interface StoredElection {
  /** Whether the key holds a hash of this package. */
  readonly known: boolean;
  /** Whether the key holds a string: a lock of Redlock or redsync, which does not know this package. */
  readonly foreign: boolean;
  /** Whether the lease ended later than its ttl permits, since the clock was set back. `exp` is corrected. */
  readonly overlong: boolean;
  readonly live: boolean;
  readonly token: number;
  readonly nonce: string;
  readonly exp: number;
  readonly ttl: number;
  readonly since: number;
  readonly node: string;
  readonly metadata: string;
  readonly epoch: number;
  run: string | undefined;
  until: number;
  floor: number;
}

/** The first part of all scripts. Throws if the key holds another type. */
export function openElection(execution: Execution): StoredElection {
  const { now } = execution.call;
  const value = execution.memory.get(execution.key(1));
  const foreign = value?.type === "string";
  if (!foreign && value !== undefined && value.type !== "hash") throw new ErrorReply(WRONG_TYPE);
  const fields = value?.type === "hash" ? value.fields : {};
  const known = fields["incumbent"] === "1";
  if (value?.type === "hash" && !known) {
    throw new ErrorReply("WRONGTYPE The hash at this key is not an election of incumbent.");
  }
  const ttl = number(fields["ttl"]);
  const overlong = number(fields["exp"]) > now + ttl;
  const exp = overlong ? now + ttl : number(fields["exp"]);
  const nonce = fields["nonce"] ?? "";
  return {
    known,
    foreign,
    overlong,
    live: known && nonce !== "" && now < exp,
    token: number(fields["token"]),
    nonce,
    exp,
    ttl,
    since: number(fields["since"]),
    node: fields["node"] ?? "",
    metadata: fields["metadata"] ?? "",
    epoch: number(fields["epoch"]),
    run: fields["run"],
    until: number(fields["until"]),
    floor: number(fields["floor"]),
  };
}

export function save(execution: Execution, fields: Hash): void {
  execution.hset(execution.key(1), { incumbent: "1", ...fields });
}

/** Returns token, node, since, remaining time, metadata and ttl of the live lease, or an empty list. */
export function holder(execution: Execution, election: StoredElection): string[] {
  const { now } = execution.call;
  if (election.foreign) {
    const remaining = remainingMillis(execution.memory, execution.key(1), now);
    return ["0", "redlock", "0", int(remaining * 1000), "", ""];
  }
  if (!election.live) return ["", "", "", "", "", ""];
  const { token, node, since, exp, metadata, ttl } = election;
  return [int(token), node, int(since), int(exp - now), metadata, int(ttl)];
}

export function int(value: number): string {
  return value.toFixed(0);
}

/** Returns 0 for a value that is missing or not a number. */
function number(text: string | undefined): number {
  return Number(text) || 0;
}
