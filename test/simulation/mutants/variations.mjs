// Scenarios that resemble one: where a trace has lost its moment, another is seldom far from it.

/**
 * Moments and durations are moved by up to a quarter, some actions and some faults of messages are left
 * out, and messages are numbered a little differently; every other time the weather decides about them.
 */
export function* variations(scenario, { from, seeds, Random }) {
  for (let seed = from; seed < from + seeds; seed += 1) {
    yield { ...variation(scenario, new Random(seed)), seed };
  }
}

function variation(scenario, random) {
  const moved = (time) => time * random.between(0.75, 1.25);
  const actions = scenario.actions
    .filter(() => random.chance(0.95))
    .map((action) => ({
      ...action,
      at: random.chance(0.5) ? action.at : moved(action.at),
      ...("for" in action && random.chance(0.5) && { for: moved(action.for) }),
    }))
    .toSorted((one, other) => one.at - other.at);
  const varied = { ...scenario, actions };
  if (scenario.fates === undefined || random.chance(0.5)) return { ...varied, fates: undefined };
  return { ...varied, fates: renumbered(scenario.fates, random) };
}

function renumbered(fates, random) {
  const shift = random.whole(-6, 6);
  return Object.fromEntries(
    Object.entries(fates)
      .filter(() => random.chance(0.9))
      .map(([message, fate]) => {
        const [process, number] = message.split(":");
        const wanders = random.chance(0.2) ? random.whole(-2, 2) : 0;
        return [`${process}:${Math.max(0, Number(number) + shift + wanders)}`, fate];
      }),
  );
}
