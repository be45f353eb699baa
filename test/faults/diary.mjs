// What a leader does to a thing that it guards: writes, with its token, for as long as it leads.

import { openSync, writeSync } from "node:fs";

/** A write that took longer to arrive may have been overtaken by a successor's: only the token tells. */
const PROMPT = 50;

/** How long the callbacks may be behind isLeader(): after a pause, until the loop has turned. */
const UNTOLD = 100;

/**
 * Returns a look: appends `name token time` to the file if it leads, and tells when the callbacks do not
 * say the same as the look does.
 */
export function openDiary({ path, name, now, tell, leads, token, told }) {
  const file = openSync(path, "a");
  let differsSince;

  function compare(at, isLeader) {
    if (isLeader === told()) {
      differsSince = undefined;
      return;
    }
    differsSince ??= at;
    if (!isLeader && at - differsSince < UNTOLD) return;
    const message = isLeader ? "leads and was not told of it" : "was not told of its loss";
    tell("unhandled", { message });
    differsSince = undefined;
  }

  return () => {
    const isLeader = leads();
    const checked = now();
    if (isLeader) {
      const as = token();
      writeSync(file, `${name} ${as} ${checked}\n`);
      if (now() - checked > PROMPT) tell("late-write", { token: as, checked });
    }
    compare(checked, isLeader);
  };
}
