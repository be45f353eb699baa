import type { Hint } from "../lease-store.ts";
import type { ObservedElection } from "./observed-election.ts";
import type { ObservedTime } from "./observed-time.ts";
import type { Cell, CellListener, Register } from "./register.ts";

/**
 * Watches an election for as long as there are listeners. Calls `onLost` whenever the watch breaks. Returns how to end
 * it.
 */
export function watchElection<C extends Cell>(
  register: Register<C>,
  key: string,
  election: ObservedElection<C>,
  { now }: ObservedTime,
  onLost: () => void,
): (() => void) | undefined {
  let last: C | undefined;
  let isResumed = false;
  const emit = (hint: Hint) => {
    for (const one of [...election.listeners]) {
      if (election.listeners.has(one)) one.onHint(hint);
    }
  };
  const listener: CellListener<C> = {
    onCell(cell) {
      // What was seen before the watch began may have changed since.
      const before = last ?? election.sighting?.cell;
      const hint = isResumed ? "released" : hintOf(before, cell);
      last = cell;
      isResumed = false;
      election.hear(cell, now());
      if (hint !== undefined) emit(hint);
    },
    onInterrupted() {
      isResumed = true;
      onLost();
      election.interrupt();
    },
  };
  return register.watch?.(key, listener);
}

function hintOf(before: Cell | undefined, { version, record }: Cell): Hint | undefined {
  // It may have been released after it was watched for, and before the register began.
  if (before === undefined) return record?.nonce === "" ? "released" : undefined;
  if (before.version === version) return undefined;
  if (record === undefined || record.nonce === "") return "released";
  const was = before.record;
  const isNews =
    was?.nonce !== record.nonce || was.metadata !== record.metadata || was.nodeId !== record.nodeId;
  return isNews ? "changed" : undefined;
}
