/** What was measured, and when, in ms. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** By how much it grows in an hour: the straight line with the least squares. */
export function slopeOf(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [at, value] = [mean((point) => point.at), mean((point) => point.value)];
  const product = mean((point) => (point.at - at) * (point.value - value));
  const square = mean((point) => (point.at - at) ** 2);
  return (product / square) * 3_600_000;
}
