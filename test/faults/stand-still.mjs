// Makes the monotonic clock of a process stand still while it is stopped, as it does on Linux while the
// machine sleeps (nodejs/node#47724). Wall clock and clock since boot go on. Loaded with --import.

/** No other pause of a test lasts as long. */
const SLEEP = 700;

const real = performance.now.bind(performance);
let last = real();
let slept = 0;

performance.now = () => {
  const now = real();
  if (now - last > SLEEP) slept += now - last;
  last = now;
  return now - slept;
};
