import * as crash from "./measures/crash.mjs";
import * as crowd from "./measures/crowd.mjs";
import * as emptied from "./measures/emptied.mjs";
import * as followers from "./measures/followers.mjs";
import * as frozen from "./measures/frozen.mjs";
import * as handOver from "./measures/hand-over.mjs";
import * as idle from "./measures/idle.mjs";
import * as many from "./measures/many.mjs";
import * as pause from "./measures/pause.mjs";
import * as swallowed from "./measures/swallowed.mjs";

/**
 * In the order of the page. Each has a `name`, a `title`, its `method`, the `columns` of its table, and `run`,
 * which measures the packages and yields rows.
 */
export const measures = [
  ...[many, followers, handOver, crash, crowd, idle],
  ...[pause, swallowed, frozen, emptied],
];

export const measureNames = measures.map(({ name }) => name);
