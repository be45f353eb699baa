/** The row of an election, with times in µs. */
export interface ElectionRow {
  readonly nonce: string;
  readonly node_id: string;
  readonly metadata: string;
  readonly token: number;
  readonly since: number;
  readonly ttl: number;
  readonly ends_at: number;
  readonly run: string;
  readonly waits_until: number;
  readonly floor: number;
}

/** Since when a server has been known as the one that it is. */
export interface StampRow {
  readonly run: string;
  readonly since: number;
}

/** What is committed. */
export interface Memory {
  readonly elections: ReadonlyMap<string, ElectionRow>;
  readonly fences: ReadonlyMap<string, number>;
  readonly stamp: StampRow | undefined;
}

export const emptyMemory: Memory = { elections: new Map(), fences: new Map(), stamp: undefined };

/** A row as it is inserted, with the defaults of the table. */
export function newElection(run: string, waits_until: number, floor: number): ElectionRow {
  const holder = { nonce: "", node_id: "", metadata: "", token: 0, since: 0, ttl: 0, ends_at: 0 };
  return { ...holder, run, waits_until, floor };
}

/** The rows that a transaction has changed. */
export interface Changes {
  readonly elections?: readonly (readonly [key: string, row: ElectionRow])[];
  readonly fences?: readonly (readonly [key: string, token: number])[];
  readonly stamp?: StampRow | undefined;
}

export function changed(memory: Memory, { elections = [], fences = [], stamp }: Changes): Memory {
  return {
    elections: new Map([...memory.elections, ...elections]),
    fences: new Map([...memory.fences, ...fences]),
    stamp: stamp ?? memory.stamp,
  };
}
