/** The clocks of a store that observes. Both are its own: no other machine's clock is ever compared with them. */
export interface ObservedTime {
  /**
   * Milliseconds that never go back. It may stand still while the machine sleeps: a candidate that counts too little
   * waits too long, which is safe.
   */
  now(): number;
  /** The date, in ms since 1970. */
  wall(): number;
}

export const realTime: ObservedTime = {
  now: () => performance.now(),
  wall: () => Date.now(),
};
