/** Calls `fire` in `ms`, unless the returned function is called before. */
export type Timer = (ms: number, fire: () => void) => () => void;

/** Time as it passes for this process. For connections that no request has asked for. */
export const realClock = { now: () => performance.now() };

/** Paces attempts to connect; nothing that is decided depends on it. */
export const realTimer: Timer = (ms, fire) => {
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
};

/** The same; it does not keep the process alive. */
export const unrefTimer: Timer = (ms, fire) => {
  const timer = setTimeout(fire, ms);
  timer.unref();
  return () => clearTimeout(timer);
};
