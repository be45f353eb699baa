import { describe, expect, test } from "vitest";
import { majorityHints } from "../../../src/stores/redis-quorum/quorum-watch.ts";

function listen(servers: number) {
  const hints: string[] = [];
  const hear = majorityHints(servers, (hint) => hints.push(hint));
  return { hear, hints };
}

describe("a hint", () => {
  test("is passed on when a majority of the servers has given it, and once", () => {
    const { hear, hints } = listen(3);
    hear(0, "released 7");
    expect(hints).toEqual([]);
    hear(2, "released 7");
    hear(1, "released 7");
    expect(hints).toEqual(["released"]);
  });

  test("that is given again, of the same term, is passed on again", () => {
    const { hear, hints } = listen(3);
    for (const server of [0, 1, 2]) hear(server, "changed 7");
    for (const server of [2, 0, 1]) hear(server, "changed 7");
    expect(hints).toEqual(["changed", "changed"]);
  });

  test("is not put together from the hints of different terms", () => {
    const { hear, hints } = listen(3);
    hear(0, "released 7");
    hear(1, "released 8");
    hear(2, "changed 7");
    expect(hints).toEqual([]);
  });

  test("that a server gives late does not bring the next one forward", () => {
    const { hear, hints } = listen(3);
    for (const server of [0, 1, 2]) hear(server, "released 7");
    hear(0, "released 8");
    expect(hints).toEqual(["released"]);
    hear(1, "released 8");
    expect(hints).toEqual(["released", "released"]);
  });

  test("is remembered for a hundred terms and no more", () => {
    const { hear, hints } = listen(3);
    for (let term = 0; term < 200; term += 1) hear(0, `changed ${term}`);
    hear(1, "changed 199");
    expect(hints).toEqual(["changed"]);
    hear(1, "changed 0");
    expect(hints).toEqual(["changed"]);
  });

  test("published by hand names no term, and is passed on at once", () => {
    const { hear, hints } = listen(3);
    hear(1, "released");
    expect(hints).toEqual(["released"]);
  });

  test("that something may have gone unheard comes when a majority is listened to", () => {
    const { hear, hints } = listen(3);
    hear(0, undefined);
    hear(0, undefined);
    expect(hints).toEqual([]);
    hear(1, undefined);
    hear(2, undefined);
    expect(hints).toEqual(["released"]);
  });

  test("that something may have gone unheard comes again after every outage of a majority", () => {
    const { hear, hints } = listen(3);
    for (const server of [0, 1, 2]) hear(server, undefined);
    for (let outage = 2; outage < 5; outage += 1) {
      for (const server of [0, 1, 2]) hear(server, undefined);
      expect(hints.length).toBeGreaterThanOrEqual(outage);
    }
  });

  test("of a minority is made up by the servers that are listened to anew", () => {
    const { hear, hints } = listen(5);
    hear(0, "released 7");
    hear(1, undefined);
    expect(hints).toEqual([]);
    hear(2, undefined);
    expect(hints).toEqual(["released"]);
  });

  test("is not made up by the server that gave it", () => {
    const { hear, hints } = listen(3);
    hear(0, "released 7");
    hear(0, undefined);
    expect(hints).toEqual([]);
  });

  test("that was passed on is not passed on again for a server that is listened to anew", () => {
    const { hear, hints } = listen(3);
    for (const server of [0, 1]) hear(server, "released 7");
    hear(2, undefined);
    expect(hints).toEqual(["released"]);
  });

  test("of a single server is passed on at once, also each time that it is listened to anew", () => {
    const { hear, hints } = listen(1);
    hear(0, undefined);
    hear(0, "released 7");
    hear(0, undefined);
    expect(hints).toEqual(["released", "released", "released"]);
  });
});
