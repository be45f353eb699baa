export function median(values) {
  return quantile(values, 0.5);
}

/** The value that `share` of the values lie below: 0.99 for the p99. `undefined` if there are none. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
