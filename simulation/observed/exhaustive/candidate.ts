import type { ObservedMoment } from "../../../src/stores/observed/observed-rules.ts";
import type { Cell, ObservedRecord } from "../../../src/stores/observed/register.ts";
import { isSameWrite, type Sighting } from "../../../src/stores/observed/sighting.ts";
import type { Instance } from "./instance.ts";
import {
  type Candidate,
  candidateIn,
  type Errand,
  type Message,
  momentOfSight,
  nonceOf,
  spend,
  TRUSTED,
  TTL,
  type World,
  withCandidate,
} from "./world.ts";

/** How often a request is tried again when another process was faster. */
const TRIES = 2;

/** What a candidate does by itself. */
export function begin(
  instance: Instance,
  world: World,
  index: number,
  what: Errand["what"],
): World {
  const { now } = world;
  const errand = { what, since: now, tried: 0 };
  const { lease, view, isWatched, attempts } = candidateIn(world, index);
  if (what === "renew")
    return replace(instance, spend(world, "renewals"), index, errand, lease?.cell);
  if (what === "release") {
    const left = withCandidate(spend(world, "releases"), index, { trustedUntil: 0 });
    return replace(instance, left, index, errand, lease?.cell);
  }
  const next = withCandidate(world, index, {
    ...{ attempts: attempts + 1, lease: undefined, doubts: [], hasReleased: false },
  });
  const sighting = view.gap === undefined ? view.sighting : undefined;
  const isDecisive =
    sighting !== undefined &&
    (isWatched || decide(instance, next, index, sighting).write !== undefined);
  return replace(instance, next, index, errand, isDecisive ? sighting.cell : undefined);
}

/** Sends the write that replaces this cell, or asks for the cell. */
function replace(
  instance: Instance,
  world: World,
  index: number,
  errand: Pick<Errand, "what" | "since" | "tried">,
  seen: Cell | undefined,
): World {
  const { now } = world;
  const { interruptions, doubts, view } = candidateIn(world, index);
  const send = (write: Errand["request"]["write"], next = world) => {
    const request = { sentAt: now, write };
    const message: Message = { candidate: index, request, answer: undefined };
    return withCandidate({ ...next, messages: [...next.messages, message] }, index, {
      errand: { ...errand, interruptions, request },
      ...(write !== undefined && {
        doubts: [...doubts, write],
        largestSeq: Math.max(candidateIn(next, index).largestSeq, write.record.seq),
      }),
    });
  };
  if (seen === undefined) return send(undefined);
  const idle = withCandidate(world, index, { errand: undefined });
  if (errand.tried === TRIES) return idle;
  switch (errand.what) {
    case "acquire": {
      const { sighting } = view;
      const write = sighting && decide(instance, world, index, sighting).write;
      return write === undefined ? idle : send({ seen, record: write });
    }
    case "renew":
      return renewal(instance, world, index, seen, (record) => send({ seen, record }));
    case "release":
      return release(instance, world, index, seen, (record, next) => send({ seen, record }, next));
  }
}

/** What the rules say of an attempt to take the lease. */
function decide(instance: Instance, world: World, index: number, sighting: Sighting) {
  const wish = { ...wishOf(world, index), above: 0 };
  return instance.rules.acquire(sighting, wish, momentOf(instance, world, index, sighting.cell));
}

function renewal(
  instance: Instance,
  world: World,
  index: number,
  seen: Cell,
  send: (record: ObservedRecord) => World,
): World {
  const { lease } = candidateIn(world, index);
  const lost = withCandidate(world, index, { errand: undefined, trustedUntil: 0 });
  if (instance.rules.expires && (lease === undefined || world.now >= lease.endsAt)) return lost;
  const moment = momentOf(instance, world, index, seen);
  const { write } = instance.rules.renew(seen, wishOf(world, index), moment, lease?.record);
  return write === undefined ? lost : send(write);
}

/** As the store does it: also a free record is replaced, if a write might still take it. */
function release(
  instance: Instance,
  world: World,
  index: number,
  seen: Cell,
  send: (record: ObservedRecord, next: World) => World,
): World {
  const { doubts } = candidateIn(world, index);
  const { record } = seen;
  const next = withCandidate(world, index, { lease: undefined, errand: undefined });
  const done = withCandidate(next, index, { hasReleased: true });
  const doubt = doubts.find((each) => instance.rules.isSame(each.seen, seen))?.record;
  if (record === undefined) return done;
  const isOwn = record.nonce === nonceOf(world, index);
  if (!isOwn && !instance.rules.cleansUp(record.nonce === "", doubt)) return done;
  const token = Math.max(record.token, doubt?.token ?? 0);
  const moment = momentOf(instance, world, index, seen);
  return send(instance.rules.free({ ...record, token }, moment), next);
}

/** An answer has come that the candidate waits for. */
export function hear(
  instance: Instance,
  world: World,
  index: number,
  { written, cell }: NonNullable<Message["answer"]>,
): World {
  const candidate = candidateIn(world, index);
  const { errand } = candidate;
  if (errand === undefined) return world;
  const { write, sentAt } = errand.request;
  const view = instance.rules.viewOf(candidate.view, cell, momentOfSight(world, sentAt));
  const doubts = candidate.doubts.filter((each) => each !== write);
  const seeing = withCandidate(world, index, { view, doubts });
  const tried = errand.tried + (write === undefined ? 0 : 1);
  const isWritten = write !== undefined && (written || isSameWrite(cell.record, write.record));
  // A renewal goes on with what was seen last, as everything does after a look.
  if (!isWritten) return replace(instance, seeing, index, { ...errand, tried }, view.sighting.cell);
  const done = withCandidate(seeing, index, { errand: undefined });
  if (errand.what === "release") return withCandidate(done, index, { hasReleased: true });
  const lease = { cell, record: write.record, endsAt: sentAt + TTL };
  const kept =
    lease.endsAt >= (candidate.lease?.endsAt ?? 0) ? withCandidate(done, index, { lease }) : done;
  const isDoubtful = instance.rules.doubts && candidate.interruptions !== errand.interruptions;
  if (errand.what === "renew") {
    // An answer after the deadline revives no term.
    return candidate.trustedUntil > world.now ? lead(kept, index, errand) : kept;
  }
  // Nor does one that comes too late begin a term.
  const isLate = errand.since + TRUSTED <= world.now;
  return isDoubtful || isLate ? kept : elect(lead(kept, index, errand), write.record.token);
}

function lead(world: World, index: number, { since }: Errand): World {
  const { trustedUntil } = candidateIn(world, index);
  return withCandidate(world, index, { trustedUntil: Math.max(trustedUntil, since + TRUSTED) });
}

function elect(world: World, token: number): World {
  const { largestToken } = world;
  if (token > largestToken) return { ...world, largestToken: token };
  return { ...world, violation: `I2: token ${token} follows token ${largestToken}` };
}

/** Changes may have been missed. */
export function interrupt(world: World, index: number): World {
  const { view, interruptions } = candidateIn(world, index);
  return withCandidate(world, index, {
    ...{ view: { ...view, gap: "interrupted" }, interruptions: interruptions + 1 },
    ...{ isWatched: false, events: [] },
  });
}

/** It no longer waits. Without a watch the lost connection may hide that the register was set back. */
export function giveUp(world: World, index: number): World {
  const next = withCandidate(world, index, { errand: undefined });
  return candidateIn(world, index).isWatched ? next : interrupt(next, index);
}

function wishOf(world: World, index: number) {
  const nonce = nonceOf(world, index);
  return { nonce, nodeId: "", metadata: undefined, ttl: TTL };
}

function momentOf(
  { rules }: Instance,
  world: World,
  index: number,
  { record }: Cell,
): ObservedMoment {
  const { now } = world;
  const { largestSeq }: Candidate = candidateIn(world, index);
  const seq = rules.numbers ? Math.max(largestSeq, record?.seq ?? 0) + 1 : 0;
  return { now, wall: rules.numbers ? now : 0, seq, isGuarded: true };
}
