import type { Effect } from "../../src/election/effect.ts";
import type { ElectionEvent } from "../../src/election/event.ts";
import { type ElectionState, initialState, isLeading, nextWake } from "../../src/election/state.ts";
import { step } from "../../src/election/step.ts";
import type { Timing } from "../../src/election/timing.ts";

/** Round numbers, so that a transcript can be checked in the head: trusted for 900 of 1000 ms. */
export const timing: Timing = {
  ttl: 1000,
  renewalInterval: 300,
  margin: 100,
  pollInterval: 1000,
  drainTimeout: 500,
};

const SEPARATOR = "----";

/** Plays the events of a transcript and writes down again what they lead to. */
export function replay(transcript: string): string {
  let state: ElectionState = initialState;
  const blocks = transcript.trimEnd().split(/\n\n+/);
  const replayed = blocks.map((block) => {
    const lines = block.split("\n");
    const end = lines.indexOf(SEPARATOR);
    const given = end === -1 ? lines : lines.slice(0, end);
    const commands = given.filter((line) => !line.startsWith("#"));
    if (commands.length === 0) return given.join("\n");
    const output = commands.flatMap((command) => {
      const event = parseEvent(command);
      const before = state.role;
      const next = step(timing, state, event);
      state = next.state;
      return describeStep(before, next.state, next.effects, event.now);
    });
    return [...given, SEPARATOR, ...output].join("\n");
  });
  return `${replayed.join("\n\n")}\n`;
}

/** `granted attempt=1 token=7 sentAt=0 @2`: the type, the fields, the moment. */
function parseEvent(line: string): ElectionEvent {
  const [type, ...words] = line.trim().split(/\s+/);
  const fields: Record<string, unknown> = { type };
  if (type === "refused") Object.assign(fields, { applied: "no" });
  if (type?.endsWith("-failed")) Object.assign(fields, { applied: "no", jitter: 1 });
  for (const word of words) {
    const [name = "", text = ""] = word.startsWith("@") ? ["now", word.slice(1)] : word.split("=");
    fields[name] = Number.isNaN(Number(text)) ? text : Number(text);
  }
  if (type === "released") fields["sentAt"] ??= fields["now"];
  if (typeof fields["now"] !== "number") throw new Error(`no moment in "${line}"`);
  return fields as unknown as ElectionEvent; // Written by hand in the transcript, and reviewed there.
}

function describeStep(
  before: string,
  state: ElectionState,
  effects: readonly Effect[],
  now: number,
): string[] {
  const change = before === state.role ? state.role : `${before} -> ${state.role}`;
  const leads = isLeading(state, now) ? ` until ${state.lease.trustedUntil}` : "";
  const wake = nextWake(state);
  return [
    `${change}${leads}${wake === undefined ? "" : `, wakes at ${wake}`}`,
    ...effects.map((effect) => `  ${describeEffect(effect)}`),
  ];
}

function describeEffect({ type, ...fields }: Effect): string {
  return [type, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join(" ");
}
