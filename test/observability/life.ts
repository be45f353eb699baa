import { StoreError } from "../../src/errors.ts";
import { granted, last, type stage } from "../elector/stage.ts";
import { settle } from "../support/manual-clock.ts";

// Electors whose life the tests of the exporters measure.

export const heldFor = (expiresIn: number) =>
  ({
    granted: false,
    reason: "held",
    retryIn: expiresIn,
    leader: { nodeId: "two", token: 5, since: 0, expiresIn, metadata: undefined },
  }) as const;

export const refusal = (message = "LOADING") =>
  new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "no" });

/** A life with a refusal, an error, a term and a stop: what was reported and asked, in order. */
export async function live(
  on: Omit<ReturnType<typeof stage>, "lead">,
  midway = () => {},
): Promise<string[]> {
  const { clock, store, elector, changes } = on;
  await elector.start();
  last(store.acquires).answer(heldFor(400));
  await clock.advance(400);
  last(store.acquires).answer(granted(7));
  await clock.advance(300);
  last(store.renews).fail(refusal());
  midway();
  await clock.advance(100);
  last(store.renews).answer({ renewed: true });
  await settle();
  const stopped = elector.stop();
  last(store.releases).answer({ released: true });
  const asked = [...store.acquires, ...store.renews, ...store.releases].map(
    ({ request: { nonce, notAfter } }) => `${nonce} until ${notAfter}`,
  );
  return [...changes, ...asked, await stopped, `${clock.armed} timers`];
}

/** The value of each series in a scrape, by its name without `leader_election_`. */
export function seriesIn(text: string): Record<string, number> {
  const rows = text.split("\n").filter((row) => /^leader_election/.test(row));
  return Object.fromEntries(
    rows.map((row) => {
      const [series = "", value] = row.replace("leader_election_", "").split(/ (?=\S+$)/);
      return [series, Number(value)];
    }),
  );
}
