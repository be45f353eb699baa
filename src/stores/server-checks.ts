import { note, ok, type Verdict, warning } from "./diagnosis.ts";
import type { Examination } from "./lease-store.ts";

/** A round trip of more than this, in ms, leaves too little time for renewals with the usual ttl. */
const SLOW = 500;

/** How far two clocks may be apart, in ms, before people are misled by `since`. */
const APART = 5000;

/** For how long the clocks are compared, and by how much they may diverge meanwhile, in ms. */
const COMPARED = 200;
const DIVERGED = 50;

/** How full a server may be. */
const NEARLY_ALL = 0.9;

/** How long an answer takes. It is asked for twice, as the first one needs a connection. */
export async function roundTrip(
  { clock }: Examination,
  ask: () => Promise<unknown>,
): Promise<Verdict[]> {
  await ask();
  const before = clock.now();
  await ask();
  const took = clock.now() - before;
  const says = `The server answers in ${took.toFixed(1)} ms.`;
  if (took <= SLOW) return [ok(says)];
  return [warning(says, "Use a server that is nearer, or a ttl of at least a minute.")];
}

/** What a clock showed, and between which times of ours. */
interface Look {
  readonly time: number;
  readonly after: number;
  readonly before: number;
}

/**
 * Leases need no common time, only that the server's passes as ours does. `readTime`: in ms since 1970, or nothing if
 * that is denied.
 */
export async function compareClocks(
  { clock, timer, wallClock }: Examination,
  readTime: () => Promise<number | undefined>,
): Promise<Verdict[]> {
  const look = async (): Promise<Look | undefined> => {
    const after = clock.now();
    const time = await readTime();
    return time === undefined ? undefined : { time, after, before: clock.now() };
  };
  const wall = wallClock === undefined ? undefined : wallClock() - clock.now();
  const first = await look();
  await new Promise<void>((resolve) => void timer(COMPARED, resolve));
  const second = await look();
  if (first === undefined || second === undefined) return [];
  const passed = second.time - first.time;
  const tooSlow = second.after - first.before - passed;
  const tooFast = passed - (second.before - first.after);
  const diverged = Math.round(Math.max(tooSlow, tooFast));
  if (diverged > DIVERGED) {
    const says = `The server's clock is being set: it went ${diverged} ms too ${tooSlow > 0 ? "slow" : "fast"} within ${COMPARED} ms.`;
    return [warning(says, "Let its time service adjust the clock slowly, as chrony does.")];
  }
  const ahead = wall === undefined ? 0 : first.time - wall - first.after;
  if (Math.abs(ahead) <= APART) return [ok("The server's clock agrees with this machine's.")];
  const says = `The server's clock is ${Math.round(Math.abs(ahead) / 1000)} s ${ahead > 0 ? "ahead of" : "behind"} this machine's. Leases are not affected, but the times of leaders are the server's.`;
  return [note(says, "Set the clock that is wrong.")];
}

/** Whether a process that starts later still gets a connection. */
export function connectionsLeft(used: number, most: number): Verdict[] {
  const says = `${used} of ${most} connections are in use.`;
  if (used <= most * NEARLY_ALL) return [ok(says)];
  return [
    warning(`${says} A candidate that gets none can lose its lease.`, "Raise max_connections."),
  ];
}
