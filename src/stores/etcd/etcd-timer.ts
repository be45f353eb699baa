/** Calls `fire` in `ms`, unless the returned function is called before. */
export type Timer = (ms: number, fire: () => void) => () => void;

/** Paces attempts to connect; nothing that is decided depends on it. */
export const realTimer: Timer = (ms, fire) => {
  const timer = setTimeout(fire, ms);
  timer.unref();
  return () => clearTimeout(timer);
};
