import { realTimer } from "../connections/timer.ts";
import type { Cell, CellListener } from "../observed/register.ts";

/** One attempt to follow a record, until it fails or its listener is gone. */
export interface WatchAttempt<C extends Cell> {
  /** Aborted when the attempt is over. */
  readonly signal: AbortSignal;
  /** The record as it is now. */
  report(cell: C): void;
  /** Changes may be missed from now on, so all begins anew. */
  fail(): void;
  /** Fails if it is not called again within so many ms. */
  expectSign(ms: number): void;
}

/** How long to wait before beginning anew, in ms: 50 at first, 1 s in the end. */
const pauseAfter = (failures: number): number => Math.min(1000, 50 * 2 ** failures);

/**
 * Follows a record, again after each failure, until the returned function is called. What `follow` throws is a failure
 * as well.
 */
export function watchPersistently<C extends Cell>(
  listener: CellListener<C>,
  follow: (attempt: WatchAttempt<C>) => Promise<void>,
): () => void {
  let failures = 0;
  let isLive = false;
  let stop = () => {};
  const begin = () => {
    const attempt = new AbortController();
    let cancelSilence = () => {};
    stop = () => {
      cancelSilence();
      attempt.abort();
    };
    const fail = () => {
      if (attempt.signal.aborted) return;
      stop();
      stop = realTimer(pauseAfter(failures), begin);
      failures += 1;
      if (isLive) listener.onInterrupted();
      isLive = false;
    };
    const report = (cell: C) => {
      if (attempt.signal.aborted) return;
      isLive = true;
      failures = 0;
      listener.onCell(cell);
    };
    const expectSign = (ms: number) => {
      cancelSilence();
      if (!attempt.signal.aborted) cancelSilence = realTimer(ms, fail);
    };
    follow({ signal: attempt.signal, report, fail, expectSign }).catch(fail);
  };
  begin();
  return () => stop();
}
