import assert from "node:assert/strict";
import { launch } from "./process.mjs";

/**
 * Two candidates in processes of their own: one is elected and resigns, the other one follows and
 * resigns, the first one is back. Then both stop, and their processes end by themselves, silently.
 */
export async function holdElection(start, options) {
  const candidates = [];
  const join = async () => {
    const candidate = launch(start, options);
    candidates.push(candidate);
    await candidate.says(/^started$/m);
    return candidate;
  };
  try {
    const first = await join();
    const tokens = [await electedIn(first)];
    const second = await join();
    await handOver(first, second, tokens);
    await handOver(second, first, tokens);
    assert.deepEqual(tokens, [...new Set(tokens)].sort(ascending), "tokens must grow");

    second.closeInput();
    await second.says(/^stopped none$/m);
    await second.endsQuietly();
    first.closeInput();
    await first.says(/^deposed \d+\nstopped confirmed$/m);
    await first.endsQuietly();
  } finally {
    for (const candidate of candidates) candidate.kill();
  }
}

async function handOver(from, to, tokens) {
  from.tell("resign");
  await from.says(new RegExp(`^deposed ${tokens.at(-1)}\nresigned confirmed$`, "m"));
  tokens.push(await electedIn(to));
}

async function electedIn(candidate) {
  const [, token] = await candidate.says(/^elected (\d+)$/m);
  return Number(token);
}

function ascending(one, other) {
  return one - other;
}
