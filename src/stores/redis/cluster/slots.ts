/** How many hash slots a cluster has. */
export const SLOTS = 16_384;

/**
 * The hash slot of a key, as the cluster reckons it: by what stands between its first `{` and the next `}` if that is
 * not empty, else by all of it.
 */
export function slotOf(key: string): number {
  return crc16(Buffer.from(hashedPartOf(key))) % SLOTS;
}

/** The part of a key that decides on its slot. */
export function hashedPartOf(key: string): string {
  const begin = key.indexOf("{");
  const end = begin < 0 ? -1 : key.indexOf("}", begin);
  return end > begin + 1 ? key.slice(begin + 1, end) : key;
}

const POLYNOMIAL = 0x1021;

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = ((sum << 8) & 0xffff) ^ step((sum >> 8) ^ byte);
  return sum;
}

const steps = new Uint16Array(256).map((_, index) => {
  let rest = index << 8;
  for (let bit = 0; bit < 8; bit += 1) {
    rest = rest & 0x8000 ? (rest << 1) ^ POLYNOMIAL : rest << 1;
  }
  return rest;
});

function step(index: number): number {
  return steps[index] ?? 0;
}
