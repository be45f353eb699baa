import { type Action, act, actionsIn } from "./action.ts";
import { beginningOf, violationIn } from "./explore.ts";
import type { Instance } from "./instance.ts";
import type { Message, World } from "./world.ts";

/** Describes the action in words that distinguish it from all others in the same world. */
export function say(action: Action): string {
  switch (action.type) {
    case "tick":
      return "time passes";
    case "deliver":
      return action.message.reply === undefined
        ? `${serverOf(action.message)} carries out ${nameOf(action.message)}`
        : `c${action.message.candidate} hears ${answerTo(action.message)}`;
    case "mute":
      return `${serverOf(action.message)} carries out ${nameOf(action.message)}, unheard`;
    case "repeat":
      return `${serverOf(action.message)} carries out ${nameOf(action.message)}, and will again`;
    case "give-up":
      return `c${action.candidate} waits no longer for ${nameOf(action)}`;
    case "start":
      return `c${action.candidate} starts`;
    case "wake":
      return `c${action.candidate} looks at the clock`;
    case "hint":
      return `c${action.candidate} asks again`;
    case "resign":
      return `c${action.candidate} resigns`;
    case "flush":
      return `${serverOf(action)} is flushed`;
    case "wipe":
      return `${serverOf(action)} restarts without its memory`;
    case "restart":
      return `${serverOf(action)} restarts`;
    case "snapshot":
      return `a snapshot is kept${action.server === 0 ? "" : ` of ${serverOf(action)}`}`;
    case "rollback":
      return `${serverOf(action)} restarts with the snapshot`;
  }
}

function answerTo(message: Message): string {
  const from = message.server === 0 ? "" : ` of ${serverOf(message)}`;
  return `the answer${from} to ${nameOf(message)}`;
}

function serverOf({ server }: { readonly server: number }): string {
  return ["the server", "the second server"][server] ?? "the third server";
}

function nameOf({ candidate, request }: Pick<Message, "candidate" | "request">): string {
  return `c${candidate}'s ${request.kind} ${request.attempt} of ${request.sentAt}`;
}

/** The result of replaying a list of actions. */
export interface Replay {
  /** Each action with its effects, as text. */
  readonly transcript: string;
  readonly violation: string | undefined;
  /** Actions that were not possible, since the run differs from the recorded one. */
  readonly skipped: readonly string[];
}

/** Replays a recorded run, line by line, as far as it is possible with this instance. */
export function replay(instance: Instance, lines: readonly string[]): Replay {
  const transcript: string[] = [];
  const skipped: string[] = [];
  let world = beginningOf(instance);
  for (const line of lines) {
    const action = actionsIn(instance, world).find((possible) => say(possible) === line);
    if (action === undefined) {
      skipped.push(line);
      continue;
    }
    const before = new Set(describe(world));
    world = act(instance, world, action);
    transcript.push(
      line,
      ...describe(world)
        .filter((fact) => !before.has(fact))
        .map((fact) => `    ${fact}`),
    );
    const violation = violationIn(world);
    if (violation !== undefined) {
      return { transcript: [...transcript, violation].join("\n"), violation, skipped };
    }
  }
  return { transcript: transcript.join("\n"), violation: undefined, skipped };
}

/** Describes a world for a reader, one fact per line. */
function describe(world: World): string[] {
  const facts = [`it is ${world.now}`];
  for (const [server, { memory }] of world.servers.entries()) {
    facts.push(`${serverOf({ server })} keeps ${keptIn(memory)}`);
  }
  for (const [index, { election }] of world.candidates.entries()) {
    const hasEnded = election.role === "leader" && world.now >= election.lease.trustedUntil;
    facts.push(
      election.role === "leader" && !hasEnded
        ? `c${index} leads until ${election.lease.trustedUntil}, token ${election.lease.token}`
        : `c${index} is ${hasEnded ? "no longer leader" : election.role}`,
    );
  }
  for (const { candidate, reply = [] } of world.messages) {
    if (reply.length > 0) facts.push(`answer for c${candidate}: ${reply[0]}`);
  }
  return facts;
}

function keptIn(memory: World["servers"][number]["memory"]): string {
  const value = memory.get("job");
  if (value?.type !== "hash") return "nothing";
  const { nonce = "", exp = "0", token, until = "0", floor = "0" } = value.fields;
  const lease = nonce === "" ? "no lease" : `the lease of ${nonce} until ${exp}`;
  const wait = until === "0" ? "" : `, quarantine until ${until}, floor ${floor}`;
  return `${lease}, token ${token}${wait}`;
}
