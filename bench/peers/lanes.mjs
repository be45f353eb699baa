/**
 * Measures the packages, some of them at the same time, and yields the rows in their order. That fits what is
 * mostly waiting for leases to end; what a processor decides is measured one after the other.
 */
export async function* inLanes(packages, count, progress, measure) {
  progress.expect(packages.length);
  for (let from = 0; from < packages.length; from += count) {
    const together = packages.slice(from, from + count);
    progress.begin(together.map(({ name }) => name).join(", "), together.length);
    yield* await Promise.all(together.map((subject) => orDashes(subject, measure)));
  }
}

/** A row, if only of dashes: what one package cannot do must not end the others. */
export async function orDashes(subject, measure) {
  try {
    return await measure(subject);
  } catch (error) {
    console.error(`${subject.name} could not be measured: ${error.message}`);
    return { package: subject.name };
  }
}

export function electing(packages) {
  return packages.filter(({ elects = true }) => elects);
}
