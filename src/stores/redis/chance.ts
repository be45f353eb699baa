/** A number from 0 to 1 out of 32 of the random bits of a nonce. */
export function chanceOf(nonce: string): number {
  const bits = Number.parseInt(nonce.slice(-8), 16);
  return Number.isNaN(bits) ? 0.5 : bits / 2 ** 32;
}
