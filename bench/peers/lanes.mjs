/**
 * Measures the packages, some of them at the same time, and yields the rows in their order. That fits what is
 * mostly waiting for leases to end; what a processor decides is measured one after the other.
 */
export async function* inLanes(packages, count, progress, measure) {
  progress.expect(packages.length);
  for (let from = 0; from < packages.length; from += count) {
    const together = packages.slice(from, from + count);
    progress.begin(together.map(({ name }) => name).join(", "), together.length);
    yield* await Promise.all(together.map(measure));
  }
}

export function electing(packages) {
  return packages.filter(({ elects = true }) => elects);
}
