// One candidate in a process of its own. It tells its parent, with times on the machine's monotonic
// clock, all that it believes and hears; the parent tells it what to do.

import { readFileSync } from "node:fs";
import { Elector } from "../../dist/index.js";
import { connect } from "./connect.mjs";
import { openDiary } from "./diary.mjs";
import { Ledger } from "./transactions/ledger.mjs";

const given = JSON.parse(process.argv[2]);
const { store: wanted, key, options, blockInCallback, diary, ledger, lies, stamps } = given;
const LOOK_EVERY = 3;

// No library can forge the file, so it is for processes whose other clocks are forged; it has steps of
// 10 ms.
const sinceBoot = () => Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * 1000;
const monotonic = () => Number(process.hrtime.bigint()) / 1e6;
const now = stamps === "since-boot" ? sinceBoot : monotonic;
const tell = (type, fields) => process.send?.({ type, at: now(), ...fields });

/** Until when it believes in a term. Not at all if it was stopped since it was heard of: then nothing is left. */
function untilOf(term) {
  const at = now();
  const left = term.remaining();
  return left > 0 ? at + left : undefined;
}

process.on("unhandledRejection", (error) => tell("unhandled", { message: String(error) }));

const { store, close } = await connect(wanted);
const elector = new Elector(store, key, options);

let told;
/** What `isLeader()` returned when the callback before had ended. */
let wasTrue;
let lastToken;
let led = false;
elector.onLeadershipChange((isLeader, term) => {
  told = isLeader;
  lastToken = term.token;
  led ||= isLeader;
  tell(isLeader ? "elected" : "deposed", {
    token: term.token,
    until: untilOf(term),
    says: elector.isLeader(),
    reason: term.signal.reason?.reason,
  });
  if (isLeader && blockInCallback) block(blockInCallback);
  wasTrue = elector.isLeader();
});
elector.onLeadershipChange((isLeader) => {
  if (isLeader !== told) tell("unhandled", { message: "a callback was told out of turn" });
  // As it was before this call: a process may be stopped, as these tests do, between two of its lines.
  if (isLeader !== wasTrue) tell("unhandled", { message: "a callback was called with stale news" });
});
elector.on("renewed", ({ term, took }) => tell("renewed", { until: untilOf(term), took }));
elector.on("storeError", ({ operation, error }) => {
  tell("store-error", { operation, code: error.code, message: error.message });
});
elector.on("quarantined", ({ retryIn }) => tell("quarantined", { retryIn }));

function look() {
  // The time first: a process that is stopped between the two has not believed until it goes on.
  const at = now();
  const leads = elector.isLeader();
  if (leads || led) tell("look", { at, leads, until: at + (elector.term?.remaining() ?? 0) });
  led = leads;
}

function openOwnDiary() {
  return openDiary({
    ...{ path: diary, name: options.nodeId, now, tell },
    leads: lies ? () => told === true : () => elector.isLeader(),
    token: () => lastToken,
    told: () => told === true,
  });
}

const own = ledger && new Ledger({ elector, store, settings: ledger, tell });
if (own === undefined) setInterval(diary === undefined ? look : openOwnDiary(), LOOK_EVERY);
else elector.onLeadershipChange((isLeader, term) => isLeader && void own.write(term));

function block(ms) {
  const until = now() + ms;
  while (now() < until);
  look();
}

const commands = {
  resign: async () => tell("resigned", { departure: await elector.resign() }),
  stop: async () => tell("stopped", { departure: await elector.stop() }),
  block: ({ ms }) => block(ms),
  trap: (where) => own.setTrap(where),
  go: () => own.goOn(),
  clocks: () => tell("clocks", { monotonic: performance.now(), wall: Date.now() }),
  // Everything that it said before has arrived when this arrives.
  echo: () => tell("echo", {}),
  throw: () => {
    setImmediate(() => {
      throw new Error("on purpose");
    });
  },
  exit: () => process.exit(0),
  // What `await using` does at the end of its block; Node.js 20 has not got the syntax.
  dispose: async () => {
    await elector[Symbol.asyncDispose]();
    tell("stopped", {});
  },
  leave: async () => {
    const departure = await elector.stop();
    await close();
    tell("stopped", { departure });
    process.disconnect();
  },
};
process.on("message", (message) => commands[message.command](message));
process.on("disconnect", () => process.exit());

await elector.start();
tell("started", {});
