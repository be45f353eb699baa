import { setTimeout as sleep } from "node:timers/promises";
import type { Elector } from "../../elector/elector.ts";
import type { LeaderInfo } from "../../elector/terms/term.ts";
import type { CandidateProcess } from "./candidate-process.ts";
import type { Cast } from "./cast.ts";
import { sharedNow } from "./messages.ts";

/** A claim that was checked, and what was seen. */
export interface Finding {
  readonly claim: string;
  readonly holds: boolean;
  readonly seen: string;
}

export type SceneName = "start" | "servers" | "kill" | "pause" | "resign";

/** Reports what happens while a scene runs. */
export interface Narrator {
  /** Reports what happens next, and to which candidate. */
  announce(scene: SceneName, text: string): void;
  leader(scene: SceneName, leader: LeaderInfo, takeover: string | undefined): void;
  finding(finding: Finding): void;
}

export interface Stage {
  readonly cast: Cast;
  /** Does not campaign; only reads the current leader. */
  readonly observer: Elector;
  readonly ttl: number;
  readonly narrator: Narrator;
}

/** How late something may happen before a check fails, in ms. Generous, since the machine may be busy. */
const SLACK = 1000;

/** How long a leader leads undisturbed before something happens to it, as a fraction of the ttl. */
const PEACE = 0.5;

export async function openingScene(stage: Stage): Promise<CandidateProcess> {
  const { cast, narrator, ttl, observer } = stage;
  narrator.announce("start", `${cast.candidates.length} candidates start`);
  // A Redis server without data may have lost a lease, so there is no election for one ttl.
  const { candidate } = await cast.next("elected", 2 * ttl + 10 * SLACK);
  narrator.leader("start", await leaderOf(observer), undefined);
  return candidate;
}

export async function killScene(stage: Stage, leader: CandidateProcess): Promise<CandidateProcess> {
  const { cast, narrator, observer, ttl } = stage;
  await sleep(ttl * PEACE);
  const elected = cast.next("elected", ttl + 2 * SLACK, (candidate) => candidate !== leader);
  narrator.announce("kill", `SIGKILL to ${leader.nodeId}: its lease is not released`);
  leader.kill();
  const killedAt = sharedNow();
  const { expiresIn } = await leaderOf(observer);
  const leaseEnds = sharedNow() + expiresIn;
  const { candidate, message } = await elected;
  const late = message.at - leaseEnds;
  const took = `${ms(message.at - killedAt)} after the kill, ${ms(late)} after the lease's end`;
  narrator.leader("kill", await leaderOf(observer), took);
  narrator.finding({
    claim: "a successor takes over when the lease of a killed leader ends, not before",
    // 2 ms, because the answer with the lease's end arrives a moment after the store read its clock.
    holds: late > -2 && late < SLACK,
    seen: took,
  });
  return candidate;
}

export async function pauseScene(
  stage: Stage,
  leader: CandidateProcess,
): Promise<CandidateProcess> {
  const { cast, narrator, observer, ttl } = stage;
  await sleep(ttl * PEACE);
  const pause = 2.5 * ttl;
  const elected = cast.next("elected", ttl + 2 * SLACK, (candidate) => candidate !== leader);
  narrator.announce("pause", `SIGSTOP to ${leader.nodeId} for ${ms(pause)}, while it leads`);
  leader.pause();
  const pausedAt = sharedNow();
  const oldToken = leader.token ?? 0;
  const { candidate, message } = await elected;
  narrator.leader(
    "pause",
    await leaderOf(observer),
    `${ms(message.at - pausedAt)} after the pause`,
  );
  await sleep(Math.max(0, pausedAt + pause - sharedNow()));
  // The pause may have come while it was reporting an earlier look.
  const isFirst = (looking: CandidateProcess) =>
    looking === leader && leader.firstLook !== undefined;
  const looked = cast.next("look", 2 * SLACK, isFirst);
  leader.resume();
  await looked;
  narrator.finding({
    claim: "the first isLeader() after the pause returns false",
    holds: leader.firstLook === false,
    seen: `isLeader() returned ${leader.firstLook}`,
  });
  narrator.finding({
    claim: "the successor has a larger fencing token",
    holds: message.token > oldToken,
    seen: `${message.token} > ${oldToken}`,
  });
  return candidate;
}

export async function resignScene(
  stage: Stage,
  leader: CandidateProcess,
): Promise<CandidateProcess> {
  const { cast, narrator, observer, ttl } = stage;
  await sleep(ttl * PEACE);
  const elected = cast.next("elected", ttl + 2 * SLACK, (candidate) => candidate !== leader);
  const deposed = cast.next("deposed", 2 * SLACK, (candidate) => candidate === leader);
  narrator.announce("resign", `${leader.nodeId} resigns`);
  leader.send("resign");
  const { message: loss } = await deposed;
  const { candidate, message } = await elected;
  const took = `${ms(message.at - loss.at)} after the resignation`;
  narrator.leader("resign", await leaderOf(observer), took);
  narrator.finding({
    claim:
      "after a resignation a successor takes over at once, without waiting for the lease to end",
    holds: message.at - loss.at < ttl / 2,
    seen: took,
  });
  return candidate;
}

/** Returns the leader, and throws if the store has none. */
export async function leaderOf(observer: Elector): Promise<LeaderInfo> {
  const leader = await observer.leader();
  if (leader === undefined) throw new Error("the store has no leader");
  return leader;
}

function ms(duration: number): string {
  return Math.abs(duration) < 100 ? `${duration.toFixed(1)} ms` : `${Math.round(duration)} ms`;
}
