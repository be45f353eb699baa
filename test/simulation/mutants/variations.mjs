// Scenarios that resemble one: where a trace has lost its moment, another is seldom far from it.

/**
 * Moments and durations are moved by up to a quarter, some actions and some faults of messages are left
 * out, and messages are numbered a little differently; every other time the weather decides about them.
 */
export function* variations(scenario, { from, seeds }) {
  for (let seed = from; seed < from + seeds; seed += 1) yield variation(scenario, seed);
}

function variation(scenario, seed) {
  const random = draws(seed);
  const moved = (time) => time * (0.75 + random() / 2);
  const actions = scenario.actions
    .filter(() => random() > 0.05)
    .map((action) => ({
      ...action,
      at: random() < 0.5 ? action.at : moved(action.at),
      ...("for" in action && random() < 0.5 && { for: moved(action.for) }),
    }))
    .toSorted((one, other) => one.at - other.at);
  const varied = { ...scenario, seed, actions };
  if (scenario.fates === undefined || random() < 0.5) return { ...varied, fates: undefined };
  return { ...varied, fates: renumbered(scenario.fates, random) };
}

function renumbered(fates, random) {
  const shift = Math.floor(random() * 13) - 6;
  return Object.fromEntries(
    Object.entries(fates)
      .filter(() => random() > 0.1)
      .map(([message, fate]) => {
        const [process, number] = message.split(":");
        const wanders = random() < 0.2 ? Math.floor(random() * 5) - 2 : 0;
        return [`${process}:${Math.max(0, Number(number) + shift + wanders)}`, fate];
      }),
  );
}

/** mulberry32 */
function draws(seed) {
  let state = (seed + 0x9e3779b9) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
